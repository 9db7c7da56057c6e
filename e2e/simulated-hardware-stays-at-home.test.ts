import { trustRoots } from '@enigma/attestation'
import { dcapVerifierAbi, dcapVerifierBytecode } from '@enigma/contracts'
import { type Anvil, startAnvil } from '@enigma/process/testing'
import { bytesToHex } from '@enigma/protocol'
import { refusalOf } from '@enigma/testing'
import { createPublicClient, encodeDeployData, http } from 'viem'
import { afterEach, describe, expect, test } from 'vitest'

const POLICY = { statusMask: 0b11, minEvaluationNumber: 0, advisoryIds: [], deniedFmspcs: [], deniedPlatforms: [] }
const INTEL_ROOT_HASH = '0x44a0196b2b99f889b8e149e95b807a350e7424964399e885a7cbb8ccfab674d3'

let chain: Anvil
afterEach(() => chain?.stop())

/** The verifier that a deployment would leave on a chain of this id: the hash of its root, or why there is none. */
async function deployOn(chainId: number, root: 'intel' | 'simulated', simulated: boolean): Promise<string> {
  chain = await startAnvil(['--chain-id', `${chainId}`])
  // The first block lies in 1970.
  await chain.mine()
  const client = createPublicClient({ transport: http(chain.url) })
  const args = [bytesToHex(trustRoots[root].certificate), POLICY, simulated] as const
  const data = encodeDeployData({ abi: dcapVerifierAbi, bytecode: dcapVerifierBytecode, args })
  const [from] = chain.accounts
  if (!from) throw new Error('the chain has no accounts')
  const trial = await client.call({ account: from, data }).then(() => undefined, refusalOf)
  if (trial !== undefined) return trial
  const hash = (await chain.rpc.call('eth_sendTransaction', [{ from, data, gas: '0xf42400' }])) as `0x${string}`
  const { contractAddress } = await client.waitForTransactionReceipt({ hash, pollingInterval: 20 })
  if (!contractAddress) throw new Error('nothing was deployed')
  return client.readContract({ address: contractAddress, abi: dcapVerifierAbi, functionName: 'rootHash' })
}

describe('S15: simulated hardware stays on chains that hold nothing', () => {
  test('no verifier that trusts it can be deployed on another chain', async () => {
    expect(await deployOn(1, 'simulated', true)).toBe('SimulatedOffLocalChain')
  })

  test('nor one that says it trusts Intel and names the simulated root', async () => {
    expect(await deployOn(1, 'simulated', false)).toBe('NotIntelsRoot')
  })

  test('one that trusts Intel’s root can', async () => {
    expect(await deployOn(1, 'intel', false)).toBe(INTEL_ROOT_HASH)
  })
})
