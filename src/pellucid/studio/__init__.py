"""The studio: a page on this machine where a network in training can be touched.

    server     uvicorn with deadlines; app: the routes; gate: who may come in
    wire       what goes over the socket: commands in JSON, arrays in frames
    client     one open page: its commands, and what is sent to it; reply: answers
    session    one training in its own thread; run: how it moves from step to step
    stock      data that stay in memory; store: what was dropped on the page
    link       a run as a line of text
    looks      what frames hold; examples, drawing, neurons, nudges, opened: instruments
    saved      what is on the disk of a session, for the next start

A session never waits for a page, and a page is never told by a session: the session
says that something is new, and the page's own task takes the newest when it can.
"""
