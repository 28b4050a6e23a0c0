"""The mail world behind the gateway.

`carrying` what it means to hand a message over, whoever takes it; `submission` handing over by SMTP; `imip` messages about
meetings as mail, and found in mail (pure).
"""
