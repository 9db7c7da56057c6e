/**
 * A user's own key pair, to which private results are sealed: made by the wallet, so the next device makes the same.
 *
 * The secret derives from a signature over a text that says what it is for. Whoever has that signature can read the
 * results: so the text names the network, and a user who is asked for it should know the page.
 */
import {
  type Address,
  abiAddress,
  abiEncode,
  abiUint,
  bytesToHex,
  type Domain,
  EnigmaError,
  type Hex,
  hexToBytes,
  hkdf32,
} from '@enigma/protocol'
import { type Account, recoverTypedDataAddress, type TypedDataDefinition } from 'viem'
import { signTypedData } from 'viem/actions'
import { asUserRejected } from './broadcast.ts'
import type { ChainClient } from './connection.ts'
import { lower } from './enigma-contract.ts'
import { createReplyKey, type ReplyKey } from './reply-key.ts'

export type UserKeyOptions = {
  /**
   * Have the wallet sign twice, and refuse it where the signatures differ: such a key could not be made again. Heeded when
   * the wallet is first asked in a session.
   */
  verifyDeterminism?: boolean | undefined
}

/** Every byte of it goes into the key: another text is another key. */
const PURPOSE =
  'Make my key for private results of this Enigma network. Whoever gets this signature can read them: sign only in an application that you trust. It moves no funds.'

/** Asks the wallet. Call it once a session and keep the answer: each call is a question to the user. */
export async function deriveUserKey(
  writer: ChainClient,
  domain: Domain,
  account: Account,
  { verifyDeterminism = false }: UserKeyOptions,
): Promise<ReplyKey> {
  const address = lower(account.address)
  const question = { account, ...textFor(domain, address) }
  const ask = () => signTypedData(writer, question).catch(asUserRejected)
  const signature = lower(await ask())
  // A contract wallet's signature is any bytes; a key's recovers to its account, and is the same each time (RFC 6979).
  if ((await signerOf(question, signature)) !== address)
    throw new UnfitWalletError(address, 'its signature is not one of an ECDSA key of the account')
  if (verifyDeterminism && lower(await ask()) !== signature)
    throw new UnfitWalletError(address, 'it signed the same text twice, and differently')
  // r and s: of the last byte, wallets have two spellings.
  const secret = hkdf32(hexToBytes(signature).subarray(0, 64), {
    salt: 'enigma/reply-key/v1',
    info: abiEncode(abiUint(domain.chainId), abiAddress(domain.enigma), abiAddress(address)),
  })
  return createReplyKey(bytesToHex(secret))
}

function textFor({ chainId, enigma }: Domain, account: Address): TypedDataDefinition {
  return {
    domain: { name: 'Enigma', version: '1', chainId, verifyingContract: enigma },
    types: {
      PrivateResultKey: [
        { name: 'purpose', type: 'string' },
        { name: 'account', type: 'address' },
      ],
    },
    primaryType: 'PrivateResultKey',
    message: { purpose: PURPOSE, account },
  }
}

async function signerOf(text: TypedDataDefinition, signature: Hex): Promise<string> {
  try {
    return lower(await recoverTypedDataAddress({ ...text, signature }))
  } catch {
    return 'nobody'
  }
}

export class UnfitWalletError extends EnigmaError {
  override readonly name = 'UnfitWalletError'
  readonly code = 'UNFIT_WALLET'
  constructor(account: Address, fault: string) {
    super(`The wallet of ${account} cannot make a key for private results: ${fault}.`, {
      hint: 'Make a secret of 32 random bytes, keep it, and pass `replyKeyPair: { secretKey }`.',
    })
  }
}
