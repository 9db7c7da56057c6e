/**
 * How is the EVM kept from remembering every call it made?
 *
 * @ethereumjs/evm's journal of warm addresses and slots adds an entry for each call that succeeds and drops none before
 * the transaction ends: 2^28 gas of empty calls fill a gigabyte (S19). A call that succeeded has become part of its
 * caller, so its entry can be merged into the caller's at once; what a revert takes back stays the same.
 */
import type { EVM } from '@ethereumjs/evm'

type Journal = EVM['journal']

export function compactJournal(journal: Journal): void {
  journal.commit = async () => {
    // biome-ignore lint/complexity/useLiteralKeys: private, and there is no public way to replace the journal
    const diffs = journal['journalDiff']
    const [, [addresses, slots, touched]] = diffs.pop() ?? missing()
    const [, [callersAddresses, callersSlots, callersTouched]] = diffs.at(-1) ?? missing()
    for (const address of addresses) callersAddresses.add(address)
    for (const address of touched) callersTouched.add(address)
    for (const [address, keys] of slots) {
      const known = callersSlots.get(address)
      if (known) for (const key of keys) known.add(key)
      else callersSlots.set(address, keys)
    }
    // biome-ignore lint/complexity/useLiteralKeys: as above
    journal['journalHeight']--
  }
}

function missing(): never {
  throw new Error('A call was committed that was never begun.')
}
