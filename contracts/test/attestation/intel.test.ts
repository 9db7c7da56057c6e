/** DcapVerifier under Intel's own root, with real quotes and real collateral, at the time at which they held. */
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { bareQuote, leafOf, trustRoots } from '@enigma/attestation'
import { dcapVerifierAbi, dcapVerifierBytecode } from '@enigma/contracts'
import { type Anvil, startAnvil } from '@enigma/process/testing'
import {
  BaseError,
  ContractFunctionRevertedError,
  createTestClient,
  type Hex,
  hexToString,
  http,
  publicActions,
  stringToHex,
  toHex,
  walletActions,
} from 'viem'
import { anvil } from 'viem/chains'
import { afterEach, describe, expect, test } from 'vitest'

const folder = process.env.ENIGMA_VECTORS ?? fileURLToPath(new URL('../../../../shared/vectors', import.meta.url))
const manifest = `${folder}/dcap/manifest.json`
const isHere = existsSync(manifest)

const defaultPolicy = {
  statusMask: 0b000011,
  minEvaluationNumber: 0,
  advisoryIds: ['INTEL-SA-00334', 'INTEL-SA-00615', 'INTEL-SA-00657'],
  deniedFmspcs: [],
  deniedPlatforms: [],
}
const NO_RECORD: Hex = `0x${'00'.repeat(32)}`

let node: Anvil | undefined
afterEach(() => node?.stop())

describe.skipIf(!isHere)('S17: real quotes, verified on chain under the root of Intel', () => {
  test('a machine that needs software hardening is accepted', async () => {
    const measurement = '0xa4f45c39dac622cb1dd32ddb35a52ec92db41d0fa88a1c911c49e59c534f61cd'
    expect(await judge('sgx-v3-sw-hardening')).toBe(measurement)
  })

  test('a machine that needs configuration is refused, unless the policy accepts status and advisories', async () => {
    const name = 'sgx-v3-configuration-and-sw-hardening'
    const measurement = '0x33d8736db756ed4997e04ba358d27833188f1932ff7b1d156904d3f560452fbb'
    expect(await judge(name)).toBe('TCB_STATUS_REFUSED')
    expect(await judge(name, { ...defaultPolicy, statusMask: 0b001011 })).toBe('ADVISORY_REFUSED')
    const advisoryIds = [...defaultPolicy.advisoryIds, 'INTEL-SA-00289']
    expect(await judge(name, { ...defaultPolicy, statusMask: 0b001011, advisoryIds })).toBe(measurement)
  })

  test('S15: a debuggable enclave is refused', async () => {
    const advisoryIds = [...defaultPolicy.advisoryIds, 'INTEL-SA-00289']
    expect(await judge('sgx-v3-debug-enclave', { ...defaultPolicy, statusMask: 0b111111, advisoryIds })).toBe(
      'DEBUG_ENCLAVE',
    )
  })
})

test.skipIf(isHere)(
  `real quotes are not here: ENIGMA_VECTORS=<folder with dcap/manifest.json>, not at ${folder}`,
  () => {},
)

/** The measurement that the contract finds, or the code with which it refuses the quote. */
async function judge(name: string, policy = defaultPolicy): Promise<string> {
  const read = (file: string) => readFileSync(`${folder}/dcap/${name}/${file}`)
  const quote = Uint8Array.from(read('quote.bin'))
  const collateral = JSON.parse(read('collateral.json').toString()) as Record<string, string>
  const { vectors } = JSON.parse(readFileSync(manifest, 'utf8')) as { vectors: { dir: string; verifyAt: number }[] }
  const verifyAt = vectors.find(({ dir }) => dir === name)?.verifyAt ?? 0
  const [, pckCa] = certificatesIn(Buffer.from(quote).toString('latin1'))
  const [tcbSigner] = certificatesIn(collateral.tcbInfoIssuerChain)

  const verifier = await deploy(verifyAt, policy)
  await verifier.send('setRootCrl', [`0x${collateral.rootCaCrl}`])
  await verifier.send('setPckCa', [pckCa])
  await verifier.send('setPckCrl', [`0x${collateral.pckCrl}`])
  await verifier.send('setTcbSigner', [tcbSigner])
  await verifier.send('setTcbInfo', signedText(collateral.tcbInfo, collateral.tcbInfoSignature))
  await verifier.send('setQeIdentity', signedText(collateral.qeIdentity, collateral.qeIdentitySignature))
  return verifier.verify([toHex(bareQuote(quote)), toHex(leafOf(quote)), NO_RECORD])
}

/** A verifier on a chain of its own, whose time is `at`. */
async function deploy(at: number, policy: typeof defaultPolicy) {
  await node?.stop()
  node = await startAnvil(['--timestamp', `${at}`])
  const [account] = node.accounts
  if (!account) throw new Error('anvil has no accounts')
  const chain = createTestClient({ chain: anvil, mode: 'anvil', transport: http(node.url), account })
    .extend(publicActions)
    .extend(walletActions)
  const abi = dcapVerifierAbi
  const root = toHex(trustRoots.intel.certificate)
  const deployment = { abi, bytecode: dcapVerifierBytecode, args: [root, policy, false] as const, gas: 15_000_000n }
  const { contractAddress } = await chain.waitForTransactionReceipt({ hash: await chain.deployContract(deployment) })
  if (!contractAddress) throw new Error('the verifier was not deployed')
  const contract = { address: contractAddress, abi }
  return {
    async send(functionName: string, args: readonly unknown[]): Promise<void> {
      const { request } = await chain.simulateContract({ ...contract, functionName, args, gas: 15_000_000n } as never)
      await chain.waitForTransactionReceipt({ hash: await chain.writeContract(request as never) })
    },
    async verify(args: readonly [Hex, Hex, Hex]): Promise<string> {
      try {
        return (await chain.readContract({ ...contract, functionName: 'verify', args })).measurement
      } catch (error) {
        return codeOf(error)
      }
    },
  }
}

function codeOf(error: unknown): string {
  const reverted = error instanceof BaseError && error.walk((cause) => cause instanceof ContractFunctionRevertedError)
  if (!(reverted instanceof ContractFunctionRevertedError) || reverted.data?.errorName !== 'AttestationRefused')
    throw error
  return hexToString(reverted.data.args?.[0] as Hex, { size: 32 })
}

function certificatesIn(pem = ''): Hex[] {
  const blocks = pem.matchAll(/-----BEGIN CERTIFICATE-----([^-]+)-----END CERTIFICATE-----/g)
  return [...blocks].map(([, base64 = '']) => toHex(Buffer.from(base64, 'base64')))
}

/** The text, r and s. */
function signedText(text = '', signature = ''): [Hex, Hex, Hex] {
  return [stringToHex(text), `0x${signature.slice(0, 64)}`, `0x${signature.slice(64)}`]
}
