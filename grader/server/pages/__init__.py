"""The pages that people see, one file each. A page is a function from a visit to an answer."""
