/** What the cache holds, in memory and on disk: when each document is to be fetched again, and which gives way to another. */
import { type DocumentName, labelOf } from './document.ts'
import type { DocumentStore, Stored } from './document-store.ts'

export type Held = Stored & { dueAt: number; failures: number; usedAt: number }

export type HeldSettings = {
  /** A document is fetched again at this age, or at a third of its remaining life if that is sooner. */
  readonly refreshSeconds: number
  /** From 0 up to 1. */
  readonly random: () => number
  /** Documents that nobody is meant to have give way beyond that. */
  readonly mostHeld: number
}

/** How long a failing source is left alone; doubles with each failure in a row, up to an hour. */
export const RETRY_SECONDS = 60
const MOST_RETRY_SECONDS = 3600
/** What nobody asked for in so long is not refreshed any more. */
const UNUSED_SECONDS = 14 * 86_400

/** All times in unix seconds. */
export function createHeldDocuments(store: DocumentStore, { refreshSeconds, random, mostHeld }: HeldSettings) {
  const held = new Map<string, Held>()
  /** To be held whoever asks: always, and for now. */
  const kept = new Map<string, DocumentName>()
  let wanted = new Map<string, DocumentName>()
  const isStanding = (label: string) => kept.has(label) || wanted.has(label)

  /** Early by up to a fifth: many services that started together must not ask together. */
  function dueAtOf({ facts, fetchedAt }: Stored): number {
    const lifeSeconds = Math.min(refreshSeconds, (facts.validUntil - fetchedAt) / 3)
    return fetchedAt + Math.max(RETRY_SECONDS, lifeSeconds * (0.8 + 0.2 * random()))
  }

  function drop(label: string): void {
    held.delete(label)
    store.delete(label)
  }

  function makeRoom(label: string): void {
    if (held.has(label) || held.size < mostHeld) return
    const [oldest] = [...held].filter(([other]) => !isStanding(other)).toSorted(([, a], [, b]) => a.usedAt - b.usedAt)
    if (oldest) drop(oldest[0])
  }

  return {
    isStanding,
    standing: (): ReadonlyMap<string, DocumentName> => new Map([...kept, ...wanted]),
    keep: (name: DocumentName): void => void kept.set(labelOf(name), name),
    want(names: readonly DocumentName[]): void {
      wanted = new Map(names.map((name) => [labelOf(name), name]))
    },
    drop,
    find: (label: string): Held | undefined => held.get(label),
    all: (): Held[] => [...held.values()],
    /** Takes what the disk had; it is not written again. */
    restore(stored: Stored, now: number): void {
      held.set(labelOf(stored.name), { ...stored, dueAt: dueAtOf(stored), failures: 0, usedAt: now })
    },
    put(stored: Stored): void {
      const label = labelOf(stored.name)
      const current = held.get(label)
      // Whom the root newly revokes must not serve until their own time comes.
      const isNewRootCrl = stored.name.kind === 'rootCaCrl' && current?.document.content !== stored.document.content
      if (isNewRootCrl) for (const other of held.values()) other.dueAt = 0
      makeRoom(label)
      held.set(label, {
        ...stored,
        dueAt: dueAtOf(stored),
        failures: 0,
        usedAt: current?.usedAt ?? stored.fetchedAt,
      })
      store.put(label, stored)
    },
    /** Remembers that the source was asked in vain, and for how long it asked to be left alone. */
    postpone(current: Held, now: number, askedSeconds: number): void {
      current.failures++
      const seconds = Math.min(MOST_RETRY_SECONDS, RETRY_SECONDS * 2 ** Math.min(10, current.failures - 1))
      current.dueAt = now + Math.max(seconds, askedSeconds)
    },
    forgetUnused(now: number): void {
      for (const [label, { usedAt }] of held) {
        if (!isStanding(label) && now - usedAt > UNUSED_SECONDS) drop(label)
      }
    },
    /** What is of age or missing. */
    due(now: number): DocumentName[] {
      const all = new Map([...kept, ...wanted, ...[...held].map(([label, { name }]) => [label, name] as const)])
      const isDue = (label: string) => (held.get(label)?.dueAt ?? 0) <= now
      return [...all].flatMap(([label, name]) => (isDue(label) ? [name] : []))
    },
  }
}
