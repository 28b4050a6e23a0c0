"""What all HTTP wings share.

`guard`           limits on bodies and pauses, smuggling, the peer's true address, the last catch, the access log
`server`          uvicorn with time limits on the head of a request
`authentication`  Basic credentials in
`body`            a body read under a cap
`waiting`         a wait that ends when the client leaves
`health`          alive and ready
"""
