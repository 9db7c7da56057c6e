/**
 * Where is everything in memory, and what do the numbers mean that functions return?
 *
 * Memory: constants | heap (records, journal, logs, code) | arena (the message, then a frame upon a frame).
 * A frame: its record | its stack | init code, if it creates | its memory. What it calls begins where its memory ends,
 * and so does the return buffer: a frame that runs is the last one.
 */

// How an operation ended. GO: go on. From HALTS on the frame ends, from LIMITS on the run, from EXITS on the host is asked.
export const GO: i32 = 0
export const OUT_OF_GAS: i32 = 1
export const STACK_UNDERFLOW: i32 = 2
export const STACK_OVERFLOW: i32 = 3
export const BAD_JUMP: i32 = 4
export const INVALID_OPCODE: i32 = 5
export const STATIC_VIOLATION: i32 = 6
export const RETURN_DATA_OUT_OF_BOUNDS: i32 = 7
export const CREATE_COLLISION: i32 = 8
export const CREATE_CODE: i32 = 9
export const PRECOMPILE_FAILED: i32 = 10

export const LIMITS: i32 = 16
export const MEMORY_LIMIT: i32 = 16
export const READS_LIMIT: i32 = 17
export const ACCOUNTS_LIMIT: i32 = 18
export const DEPTH_LIMIT: i32 = 19
export const BORROWED_CODE: i32 = 20

export const EXITS: i32 = 32
export const ENDED: i32 = 32
/** Does the host itself answer calls to this account? */
export const ACCOUNT_UNSORTED: i32 = 33
export const ACCOUNT_MISSING: i32 = 34
export const CODE_MISSING: i32 = 35
export const SLOT_MISSING: i32 = 36
export const BLOCK_HASH_MISSING: i32 = 37
export const PRECOMPILE: i32 = 38
export const TURN: i32 = 39
export const ENTERED: i32 = 40
export const LEFT: i32 = 41
export const SLOT_READ: i32 = 42
export const ACCOUNT_READ: i32 = 43
/** The host has no memory left: a failure of the machine, which is nobody's outcome. */
export const EXHAUSTED: i32 = 44

// How a frame ended, where it was not by a halt.
export const RETURNED: i32 = -1
export const REVERTED: i32 = -2

// A frame's record.
export const PARENT: usize = 0
export const DEPTH: usize = 4
export const GAS: usize = 8
export const PC: usize = 16
export const SP: usize = 20
export const CODE: usize = 24
export const CODE_SIZE: usize = 28
/** One bit for each byte of code: set where a JUMPDEST stands. */
export const JUMPS: usize = 32
export const MEMORY: usize = 36
export const MEMORY_SIZE: usize = 40
export const INPUT: usize = 44
export const INPUT_SIZE: usize = 48
/** Where the caller wants the output, in its own memory. */
export const OUTPUT: usize = 52
export const OUTPUT_SIZE: usize = 56
/** The record of the account that runs. */
export const ACCOUNT: usize = 60
export const FLAGS: usize = 64
export const JOURNAL: usize = 68
export const LOGS: usize = 72
/** Words of memory that the frames below hold. */
export const WORDS_BELOW: usize = 76
export const REFUND: usize = 80
/** The opcode that made the frame. */
export const KIND: usize = 88
export const ADDRESS: usize = 96
export const CALLER: usize = 128
export const VALUE: usize = 160
export const STACK: usize = 192
export const STACK_BYTES: usize = 1024 * 32
export const FRAME_BYTES: usize = STACK + STACK_BYTES

/** Flags of a frame. */
export const IS_STATIC: u32 = 1
export const IS_CREATE: u32 = 2
