/** Ballots as voters sign them, and as the teller hands them in. */
import { type Hex, parseSignature, signatureToCompactSignature } from 'viem'
import type { PrivateKeyAccount } from 'viem/accounts'

export type Ballot = { voter: Hex; choice: number; r: Hex; vs: Hex }

/** EIP-712, compact as in EIP-2098. What a wallet shows its owner: the poll's number and his choice. */
export async function signBallot(
  voter: PrivateKeyAccount,
  { voting, chainId, poll, choice }: { voting: Hex; chainId: number; poll: bigint; choice: number },
): Promise<Ballot> {
  const signature = await voter.signTypedData({
    domain: { name: 'Enigma Voting', version: '1', chainId, verifyingContract: voting },
    types: {
      Ballot: [
        { name: 'poll', type: 'uint256' },
        { name: 'choice', type: 'uint8' },
      ],
    },
    primaryType: 'Ballot',
    message: { poll, choice },
  })
  const { r, yParityAndS } = signatureToCompactSignature(parseSignature(signature))
  return { voter: voter.address, choice, r, vs: yParityAndS }
}

/** By ascending address, as the contract wants them: so that none can stand there twice. */
export function inOrder(ballots: readonly Ballot[]): Ballot[] {
  return ballots.toSorted((a, b) => (BigInt(a.voter) < BigInt(b.voter) ? -1 : 1))
}
