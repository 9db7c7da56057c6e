/** The demo's story: everyone stores a fortune, one has them compared, all try to read the answer. */
import type { Hex } from '@enigma/protocol'
import { grouped } from '../format.ts'
import type { Output } from '../output.ts'
import type { Session } from '../session.ts'
import {
  type Club,
  type Compared,
  compareFortunes,
  enterClub,
  NotHeardError,
  openClub,
  readLead,
  type Stored,
} from './club.ts'
import { FORTUNES } from './members.ts'
import { describeEvent, describeLead, describeStored, narrator } from './narrate.ts'
import { type Person, personOf } from './person.ts'

export type Told = { stored: readonly Stored[]; compared: Compared; lead: string; storedMs: number }

export async function findTheRichest(session: Session, members: number, output: Output): Promise<Told> {
  const { network, signal } = session
  const began = performance.now()
  const people = Object.entries(FORTUNES)
    .slice(0, members)
    .map(([name, fortune]) => personOf(network, name, fortune))
  const club = await openClub(clubContractOf(network.dApps), people, signal)
  const stored = await storeAll(people, club, session, output)
  const storedMs = Math.round(performance.now() - began)
  const compared = await compare(people, club, session, output)
  const lead = await readAll(people, club, compared, session, output)
  return { stored, compared, lead, storedMs }
}

export function clubContractOf({ millionaires }: Readonly<Record<string, Hex>>): Hex {
  if (millionaires === undefined) throw new RangeError('the network carries no contract of the millionaires')
  return millionaires
}

/** Everyone at once, each by a transaction of his own. */
function storeAll(people: readonly Person[], club: Club, { signal }: Session, output: Output): Promise<Stored[]> {
  return Promise.all(
    people.map(async (person, index) => {
      const tell = narrator(output, person.name, index)
      tell(`owns ${grouped(person.fortune)}; nobody but an enclave will see this`)
      const stored = await enterClub(person, club, signal)
      tell(describeStored(stored, output))
      return stored
    }),
  )
}

async function compare(people: readonly Person[], club: Club, { signal }: Session, output: Output): Promise<Compared> {
  const [asker] = people
  if (!asker) throw new NotHeardError('members')
  output.say('')
  output.say(
    `One of them asks. The task carries no fortune: the enclave reads them where they stand, and opens them there.`,
  )
  const tell = narrator(output, asker.name, 0)
  return compareFortunes(
    asker,
    club,
    (event) => {
      const line = describeEvent(event, output)
      if (line !== undefined) tell(line)
    },
    signal,
  )
}

/** Everyone tries to read the answer that stands on chain. Returns it as the richest reads it. */
async function readAll(
  people: readonly Person[],
  club: Club,
  { richest, counted }: Compared,
  { network }: Session,
  output: Output,
): Promise<string> {
  const { say, style } = output
  const winner = people.find(({ address }) => address === richest)
  say('')
  say(
    `The chain knows: ${style('bold', `${winner?.name ?? 'nobody'} is the richest of ${counted}`)}. By how much is sealed to the richest alone.`,
  )
  const leads = await Promise.all(people.map((person) => readLead(person, club, network)))
  for (const [index, person] of people.entries()) {
    narrator(output, person.name, index)(describeLead(leads[index], output))
  }
  const lead = leads.find((read) => read !== undefined)
  if (lead === undefined) throw new NotHeardError('answer that anybody could open')
  return lead
}
