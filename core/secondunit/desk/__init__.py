"""The production office: one method for each verb a host can ask. Knows no sockets.

Everything acknowledged is in the ledger before the answer leaves. Importing this room loads
nothing: the daemon listens before it opens ``desk.desk``.
"""
