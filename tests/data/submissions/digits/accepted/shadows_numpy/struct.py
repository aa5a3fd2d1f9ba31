raise SystemExit("the wrong struct")
