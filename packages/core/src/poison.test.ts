/** Tasks that were made to end Core instead of themselves. Each ends with a signed failure, and the next one runs. */
import { concatBytes } from '@enigma/protocol'
import { beforeAll, describe, expect, test } from 'vitest'
import { address, assemble, dApp, RETURN_TOP, selector } from './testing/assemble.ts'
import type { World } from './testing/chain.ts'
import { attestedWorker } from './testing/core-in-process.ts'
import { adderRequest, DAPP, request, runToReceipt } from './testing/world.ts'

const BOMB = address(0xb0)
const CODE_BYTES = 24_576
const EMPTY = new Uint8Array(0)
/** Longer than a push, so that none swallows it. */
const INVALID = new Array<number>(33).fill(0xfe)
/** A dApp whose one function begins where this ends. */
const START = dApp({ 'f()': '' })

let worker: Awaited<ReturnType<typeof attestedWorker>>
beforeAll(async () => {
  worker = await attestedWorker()
})

/** As much code as a contract may have, all of it `bytes` again and again, with `end` behind it. */
function filled(bytes: readonly number[], end: readonly number[] = []): Uint8Array {
  const length = CODE_BYTES - START.length - end.length
  return concatBytes(
    START,
    Uint8Array.from({ length }, (_, i) => bytes[i % bytes.length] as number),
    Uint8Array.from(end),
  )
}

const call = (to: string, opcode = 'STATICCALL') => `PUSH0 PUSH0 PUSH0 PUSH0 ${to} GAS ${opcode}`
const body = (source: string) => dApp({ 'f()': source })
const bomb = (source: string): World => ({ accounts: { [BOMB]: { code: assemble(source) } } })
const endless = (source: string) => body(`loop: ${source} @loop JUMP`)

describe('S19: a poison task ends, and Core goes on:', () => {
  test.each<[string, Uint8Array, World?]>([
    ['24 KB of jump targets, again and again', filled([0x5b], [0x60, START.length, 0x56])],
    ['24 KB of the longest push', filled([0x7f, ...new Array(32).fill(0xff)], INVALID)],
    ['24 KB that fill the stack', filled([0x80])],
    [
      '24 KB of divisions of the widest numbers',
      filled([0x7f, ...new Array(32).fill(0xfe), 0x80, 0x80, 0x06, 0x50], INVALID),
    ],
    ['memory without end', endless('0x01 0x60 MLOAD 0x0400 ADD DUP1 0x60 MSTORE MSTORE')],
    ['an offset beyond all memory', body(`0x01 0x${'ff'.repeat(32)} MSTORE`)],
    [
      'recursion of the dApp into itself',
      dApp({
        'f()': `${selector('f()')}${'00'.repeat(28)} PUSH0 MSTORE PUSH0 PUSH0 0x04 PUSH0 ${DAPP} GAS STATICCALL STOP`,
      }),
    ],
    [
      'recursion of another contract into itself',
      body(`${call(BOMB)} POP INVALID`),
      bomb(`ADDRESS POP ${call(BOMB)} STOP`),
    ],
    ['a return bomb, again and again', endless(`${call(BOMB)} POP`), bomb('0x100000 PUSH0 RETURN')],
    [
      'a return bomb that is copied',
      endless(`${call(BOMB)} POP RETURNDATASIZE PUSH0 PUSH0 RETURNDATACOPY`),
      bomb('0x100000 PUSH0 RETURN'),
    ],
    ['hashes of a megabyte, again and again', endless('0x100000 PUSH0 KECCAK256 POP')],
    ['reads without end', endless('GAS SLOAD POP')],
    ['accounts without end', endless('GAS BALANCE POP')],
    ['output of a megabyte', body('0x100000 PUSH0 RETURN')],
    ['a revert of a megabyte', body('0x100000 PUSH0 REVERT')],
    ['an opcode that does not exist', concatBytes(body(''), Uint8Array.of(0xef))],
    ['code that ends within a push', concatBytes(body('0x00 JUMP'), Uint8Array.of(0x7f, 0x5b))],
  ])('%s', async (_, code, world = {}) => {
    const asked = await request({ code, callable: 'f()', recipients: [worker.inputKey], task: { gasClass: 12 }, world })
    expect(await runToReceipt(worker.core, asked)).toMatchObject({ status: 1, output: EMPTY })
    expect(await runToReceipt(worker.core, await adderRequest(worker.inputKey))).toMatchObject({ status: 0 })
  })

  test('a gas class over the network’s, unsigned', async () => {
    const { params } = await request({
      code: body(`GAS ${RETURN_TOP}`),
      callable: 'f()',
      recipients: [worker.inputKey],
      task: { gasClass: 255 },
    })
    await expect(worker.core.execute(params)).rejects.toMatchObject({ code: 'BAD_TASK' })
  })
})
