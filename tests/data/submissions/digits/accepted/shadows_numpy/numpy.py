raise SystemExit("the wrong numpy")
