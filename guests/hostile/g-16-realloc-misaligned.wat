;; G-16. Has an odd address for its result, which needs a multiple of four. (A string
;; needs no alignment: the parameters may go anywhere.)
;; Must happen: a trap.
(func $misbehave (result i32) (i32.add (call $fine) (i32.const 1)))
