/** Under which name a PCK certificate says what platform it is of. */
import type { Hex } from '@enigma/protocol'

/** 1.2.840.113741.1.13.1; its fields are this with one more arc each, the TCB's with two. */
export const SGX_EXTENSION: Hex = '0x2a864886f84d010d01'
