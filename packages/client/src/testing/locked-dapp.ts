/** A dApp that takes no result until its owner unlocks it, from mnemonics: it checks nothing else. */
import { bytesToHex, concatBytes } from '@enigma/protocol'
import { parseAbi } from 'viem'
import { assemble, dApp, RETURN_TOP, selector } from '../../../core/src/testing/assemble.ts'

export const lockedAbi = parseAbi([
  'constructor(address enigma)',
  'function add(uint256 a, uint256 b) pure returns (uint256)',
  'function sum() view returns (uint256)',
  'function unlock()',
  'function lock()',
  'error Locked()',
])

const [IS_UNLOCKED, SUM, OWNER] = ['PUSH0', '0x01', '0x02']
/** Of `output` among the arguments of `onEnigmaResult`, beyond its length. */
const OUTPUT_AT = '0x84'

const REFUSE = `${selector('Locked()')} PUSH0 MSTORE 0x04 0x1c REVERT`

const code = dApp({
  'add(uint256,uint256)': `0x04 CALLDATALOAD 0x24 CALLDATALOAD ADD ${RETURN_TOP}`,
  'sum()': `${SUM} SLOAD ${RETURN_TOP}`,
  'unlock()': `${OWNER} SLOAD CALLER EQ @owned JUMPI PUSH0 PUSH0 REVERT owned: 0x01 ${IS_UNLOCKED} SSTORE STOP`,
  'lock()': `PUSH0 ${IS_UNLOCKED} SSTORE STOP`,
  'onEnigmaResult(bytes32,bytes4,bytes)': `${IS_UNLOCKED} SLOAD @open JUMPI ${REFUSE} open: ${OUTPUT_AT} CALLDATALOAD ${SUM} SSTORE STOP`,
})

export const lockedBytecode = bytesToHex(concatBytes(deployment(code.length), code))

/** Notes who deploys, and returns the `length` bytes behind itself. Their place is pushed by two bytes, so its own length is fixed. */
function deployment(length: number): Uint8Array {
  const hex = (value: number) => `0x${value.toString(16).padStart(4, '0')}`
  const written = (offset: number) =>
    assemble(`CALLER ${OWNER} SSTORE ${hex(length)} DUP1 ${hex(offset)} PUSH0 CODECOPY PUSH0 RETURN`)
  return written(written(0).length)
}
