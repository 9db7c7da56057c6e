import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { PassThrough } from 'node:stream'
import { type Anvil, startAnvil } from '@enigma/process/testing'
import {
  abiAddress,
  abiBytes,
  abiEncode,
  abiFixedBytes,
  bytesToHex,
  dataContext,
  type Hex,
  PRIVATE_CALLS,
  sealData,
  webCrypto,
} from '@enigma/protocol'
import { createTestClient, encodeDeployData, http, publicActions, walletActions } from 'viem'
import { anvil as chain } from 'viem/chains'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dApp, word } from '../../../core/src/testing/assemble.ts'
import { EXAMPLES } from '../examples.ts'
import { homeOf, type NetworkFile, writeNetworkFile } from '../network-file.ts'
import { runProgram } from '../program.ts'
import { exampleNetworkFile } from '../testing/deployed.ts'
import { commands } from './index.ts'

const cwd = mkdtempSync(path.join(tmpdir(), 'enigma-trace-'))
const SOMEBODY: Hex = `0x${'50'.repeat(20)}`
/** Draws a number, and opens what it holds in its code. */
const asking: Hex = `0x${'a5'.repeat(20)}`
let anvil: Anvil
let addition: Hex
beforeAll(async () => {
  anvil = await startAnvil([])
  const client = createTestClient({ chain, mode: 'anvil', transport: http(anvil.url), pollingInterval: 10 })
    .extend(publicActions)
    .extend(walletActions)
  const [deployer = SOMEBODY] = anvil.accounts
  // The example asks only whether there is code.
  await client.setCode({ address: SOMEBODY, bytecode: '0xfe' })
  await client.setCode({ address: asking, bytecode: bytesToHex(await askingCode()) })
  const data = encodeDeployData({ ...EXAMPLES.addition, args: [SOMEBODY] })
  const hash = await client.sendTransaction({ account: deployer, data, gas: 5_000_000n })
  const { contractAddress } = await client.waitForTransactionReceipt({ hash })
  addition = contractAddress?.toLowerCase() as Hex
  await writeNetworkFile(homeOf(cwd), networkFile())
})
afterAll(async () => {
  await anvil.stop()
  rmSync(cwd, { recursive: true, force: true })
})

function networkFile(): NetworkFile {
  const privateKey: Hex = `0x${'00'.repeat(32)}`
  return {
    ...exampleNetworkFile(anvil.url),
    ...{ enigma: SOMEBODY, beacon: SOMEBODY, attestationVerifier: SOMEBODY, genesisBlock: 0 },
    dApps: { addition },
    accounts: [{ name: 'alice', address: SOMEBODY, privateKey }],
  }
}

async function askingCode(): Promise<Uint8Array> {
  const recipient = bytesToHex(await webCrypto.publicKey(new Uint8Array(32).fill(3)))
  const facts = { chainId: 1n, enigma: SOMEBODY, dApp: asking, codeHash: word(2), owner: SOMEBODY, label: word(1) }
  const envelope = await sealData({ recipient, context: dataContext(facts), message: new Uint8Array(1) })
  const input = abiEncode(abiBytes(envelope), abiAddress(SOMEBODY), abiFixedBytes(word(1)))
  const words = Array.from({ length: input.length / 32 }, (_, i) => bytesToHex(input.subarray(32 * i, 32 * i + 32)))
  const written = words.map((value, i) => `${value} 0x${(32 * i).toString(16).padStart(4, '0')} MSTORE`).join(' ')
  return dApp({
    'draw()': `PUSH0 PUSH0 PUSH0 PUSH0 ${PRIVATE_CALLS.random} GAS STATICCALL STOP`,
    'read()': `${written} PUSH0 PUSH0 0x${input.length.toString(16).padStart(4, '0')} PUSH0 ${PRIVATE_CALLS.open} GAS STATICCALL STOP`,
  })
}

async function trace(...args: string[]) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const code = await runProgram(['task', 'trace', ...args], commands, {
    streams: { stdout: stdout as never, stderr: stderr as never },
    ...{ cwd, env: {}, signal: new AbortController().signal, isTerminal: false },
  })
  return { code, stdout: String(stdout.read() ?? ''), stderr: String(stderr.read() ?? '') }
}

describe('enigma task trace', () => {
  test('shows the calls of an example of the local network, its result, its gas and its reads', async () => {
    const { code, stdout } = await trace('addition', 'add', '2', '40')
    expect(code).toBe(0)
    expect(stdout).toContain(`${addition}.add(2, 40)`)
    expect(stdout).toMatch(/^returned 42$/m)
    expect(stdout).toMatch(/^\d+ gas of 4,194,304, on the state at the end of block 1$/m)
    expect(stdout).toMatch(/^an operator sees no reads$/m)
  })

  test('takes a signature where no ABI is known, and shows the bytes where it names no result', async () => {
    writeFileSync(path.join(cwd, 'empty.json'), '[]')
    const unknown = ['--abi', 'empty.json', '--gas-class', '2', '--block', '1']
    const typed = await trace(addition, 'add(uint256, uint256) returns (uint256)', '2', '0x28', ...unknown)
    expect(typed.stdout).toMatch(/^returned 42$/m)
    expect(typed.stdout).toContain('gas of 262,144')
    const bare = await trace(addition, 'add(uint256,uint256)', '2', '40', ...unknown)
    expect(bare.stdout).toMatch(/^returned 0x0{62}2a$/m)
  })

  test('answers with the whole simulation as JSON, the decoded reason in it', async () => {
    const most = (2n ** 256n - 1n).toString()
    const { code, stdout, stderr } = await trace('addition', 'add', most, '1', '--json')
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      outcome: { kind: 'reverted', reason: { errorName: 'Panic', args: ['17'] } },
      trace: { functionName: 'add', from: SOMEBODY },
      reads: [],
    })
    expect(stderr).toContain('reverted Panic(17)')
  })

  test('reads the ABI from a file, as it is or as compilers write it', async () => {
    writeFileSync(path.join(cwd, 'abi.json'), JSON.stringify({ abi: EXAMPLES.addition.abi }))
    expect((await trace(addition, 'add', '2', '40', '--abi', 'abi.json')).stdout).toMatch(/^returned 42$/m)
    writeFileSync(path.join(cwd, 'odd.json'), '{}')
    expect(await trace(addition, 'add', '2', '40', '--abi', 'odd.json')).toMatchObject({ code: 2 })
  })

  test('names private calls, and says which one only an enclave answers', async () => {
    const drawn = await trace(asking, 'draw()')
    expect(drawn.code).toBe(0)
    expect(drawn.stdout).toMatch(/^ {2}Private\.random\(\) {2}1,000 gas {2}→ 0x[0-9a-f]{64}$/m)
    const opening = await trace(asking, 'read()', '--json')
    expect(opening.code).toBe(1)
    expect(JSON.parse(opening.stdout)).toMatchObject({ error: { code: 'NEEDS_ENCLAVE' } })
  })

  test('refuses what makes no sense with 2, and what is not so with 1', async () => {
    const refused = async (...args: string[]) => {
      const { code, stdout } = await trace(...args, '--json')
      return [code, (JSON.parse(stdout) as { error: { code: string } }).error.code]
    }
    expect(await refused('addition', 'add', '2')).toEqual([2, 'USAGE'])
    expect(await refused('addition', 'add', '2', 'forty')).toEqual([2, 'USAGE'])
    expect(await refused('addition', 'divide', '2', '40')).toEqual([2, 'USAGE'])
    expect(await refused('addition', 'divide(uint', '2')).toEqual([2, 'USAGE'])
    expect(await refused('subtraction', 'add', '2', '40')).toEqual([2, 'USAGE'])
    expect(await refused('addition', 'add', '2', '40', '--from', 'zoe')).toEqual([1, 'UNKNOWN_ACCOUNT'])
    expect(await refused('addition', 'sum')).toEqual([1, 'NOT_CALLABLE'])
    expect(await refused(SOMEBODY.replaceAll('5', '6'), 'f()')).toEqual([1, 'UNKNOWN_DAPP'])
  })
})
