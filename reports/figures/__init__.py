"""Boards, results and classes -> Plotly figures, one file for each plot or family of plots.

The room owns what is drawn and which words stand around it. Records and boards enter, `Plot`s
leave; nothing here writes a file. Every text that reaches a figure goes through `plot_text`,
because Plotly reads some HTML in it.

Colours are readable on light and dark pages alike. What depends on the page (fonts, grid,
background) is set by the page's script.

    plot                 a figure with its title and caption, colours, parts of layouts
    board_plots          the figures of a board: metric_scatter or score_bars, then over_time, gains
    result_plots         the figures of one result: latency, memory, classes, calibration, losses
    class_plots          the figures of the class page
"""
