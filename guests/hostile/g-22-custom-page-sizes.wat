;; G-22. A memory with pages of one byte.
;; Must happen: refused at `/init`, with the name of the proposal.
(memory $bytes 1 (pagesize 1))
(func $misbehave (result i32) (call $fine))
