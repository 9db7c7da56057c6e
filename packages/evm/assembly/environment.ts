/** What does the code see of its transaction and block? Words that the host writes, before a run. */

export const ORIGIN_WORD: usize = 0
export const GAS_PRICE_WORD: usize = 32
export const COINBASE_WORD: usize = 64
export const TIMESTAMP_WORD: usize = 96
export const NUMBER_WORD: usize = 128
export const PREV_RANDAO_WORD: usize = 160
export const GAS_LIMIT_WORD: usize = 192
export const CHAIN_ID_WORD: usize = 224
export const BASE_FEE_WORD: usize = 256
export const BLOB_BASE_FEE_WORD: usize = 288
/** In a frame of this account no foreign code may be borrowed. No account, if it is no address. */
export const OWN_CODE_ONLY_WORD: usize = 320
/** Of a message. */
export const CALLER_WORD: usize = 352
export const TO_WORD: usize = 384
export const VALUE_WORD: usize = 416
const WORDS_BYTES: i32 = 448

const WORDS: usize = memory.data(WORDS_BYTES)

/** Where the words are. */
export function environment(): usize {
  return WORDS
}

// @inline
export function wordAt(offset: usize): usize {
  return WORDS + offset
}

let blobs: usize = 0
let blobCount: u32 = 0

/** The blob hashes, word upon word. */
export function setBlobs(at: usize, count: u32): void {
  blobs = at
  blobCount = count
}

/** Where blob hash number `index` is; 0 if there is none. */
// @inline
export function blobAt(index: u64): usize {
  return index < <u64>blobCount ? blobs + ((<usize>index) << 5) : 0
}
