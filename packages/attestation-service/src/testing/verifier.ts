/** A chain with a DcapVerifier under the simulated root, as a network's deployment leaves it: without any collateral. */
import { trustRoots } from '@enigma/attestation'
import { dcapVerifierAbi, dcapVerifierBytecode } from '@enigma/contracts'
import { ANVIL_KEYS, type Anvil, startAnvil, until } from '@enigma/process/testing'
import { type Address, bytesToHex, type Hex } from '@enigma/protocol'
import { encodeDeployData } from 'viem/utils'

export type VerifierChain = Anvil & { verifier: Address; key: Hex; otherKey: Hex; transactions(): Promise<number> }

const STATUS_MASK = 0b11
const DEPLOY_GAS = '0xf42400'

/** Blocks come with each transaction. */
export async function startVerifierChain(rootDer = trustRoots.simulated.certificate): Promise<VerifierChain> {
  const anvil = await startAnvil([])
  const policy = {
    statusMask: STATUS_MASK,
    minEvaluationNumber: 0,
    advisoryIds: ['INTEL-SA-00334', 'INTEL-SA-00615', 'INTEL-SA-00657'],
    deniedFmspcs: [],
    deniedPlatforms: [],
  }
  const data = encodeDeployData({
    abi: dcapVerifierAbi,
    bytecode: dcapVerifierBytecode,
    args: [bytesToHex(rootDer), policy, true],
  })
  const hash = await anvil.rpc.call('eth_sendTransaction', [{ from: anvil.accounts[2], data, gas: DEPLOY_GAS }])
  const receipt = async () =>
    (await anvil.rpc.call('eth_getTransactionReceipt', [hash])) as { contractAddress: Address; status: Hex } | null
  await until(async () => (await receipt()) !== null, 'the deployment')
  const { contractAddress: verifier, status } = (await receipt()) ?? { contractAddress: '0x', status: '0x0' }
  if (status !== '0x1') throw new Error('the verifier could not be deployed')
  return {
    ...anvil,
    verifier,
    key: ANVIL_KEYS[0],
    otherKey: ANVIL_KEYS[1],
    /** Of the first two accounts. */
    async transactions() {
      const counts = await anvil.rpc.batch(
        anvil.accounts
          .slice(0, 2)
          .map((account) => ({ method: 'eth_getTransactionCount', params: [account, 'latest'] })),
      )
      return counts.reduce<number>((sum, count) => sum + Number(count), 0)
    },
  }
}
