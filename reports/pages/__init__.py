"""One file for each page of a site, and `page`, which renders all of them.

The room owns what a page says. `Contents` enter, HTML leaves as text; nothing here writes a file.
Templates lie in reports/templates/ and hold the markup; whatever a template needs to know is
decided here.

    page             renders a template: escaping, the menu, the policy against foreign requests
    columns          the columns and cells of tables that are drawn in the browser
    front            every task with who leads it
    board            one board: its table and figures
    curriculum       the course as a map
    class_overview   who has done what, and who needs help
    lesson           what a task teaches, with its questions
    frameworks       the same work in several frameworks
    result           everything that is known about one run
"""
