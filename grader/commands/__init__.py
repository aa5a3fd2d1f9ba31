"""What a command does where that is more than a few lines; cli.py reads the words and prints."""
