"""Results -> a static site that opens from disk without a network.

The room reads results and writes pages. It runs nothing, grades nothing and changes no result.
Results, the curriculum and what a store keeps beside a result enter; a folder of HTML leaves.

    site       builds the folder: what is out of date is made again, then moved in
    contents   what the site shows: runs, boards, and the name of each page
    attempts   what an author did before and after
    lessons    the README.md of a task as HTML
    pages/     one file for each page
    figures/   one file for each plot or family of plots
    numbers    stored figures as people read them
    words      verdicts, tiers, frameworks and machines as people read them
    advice     what became of a run, and what to do next
    answers    a small wrong answer of a function as tables
    table      boards as CSV
    for_programs  JSON, its schemas, the feed and badges
    assets     the files that all pages share
"""
