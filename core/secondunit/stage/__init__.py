"""Where takes are shot: one child process for each device, and one that publishes.

A stage that dies costs one attempt, never the queue.
"""
