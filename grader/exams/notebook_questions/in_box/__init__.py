"""What runs in the two boxes of a notebook with questions; it imports nothing of ours.

plain_values   what travels
respondent     beside the learner's cells
examiner       beside the tests
"""
