/**
 * The options of every daemon whose Core believes headers: which observers its network has, and where they answer.
 */
import { MAX_OBSERVERS } from '@enigma/protocol'
import type { Table } from './config.ts'
import * as options from './options.ts'

/** The first four are part of the network's hash: with others than its contract's, a Core belongs to another network. */
export const observerOptions = {
  observers: options.addresses({ sentence: 'Addresses of the network’s observers, with commas between.' }),
  threshold: options.count({
    sentence: 'How many observers must have signed for a header.',
    default: '1',
    least: 1,
    most: MAX_OBSERVERS,
  }),
  depth: options.count({
    sentence: 'Blocks on top of a block before observers sign for it; 0 only where the chain never reorganises.',
    default: '0',
    most: 64,
  }),
  serial: options.count({
    sentence: 'How often the network’s observers were changed before these: 0 for those that it began with.',
    default: '0',
    most: 1_000_000,
  }),
  observerUrls: options.httpUrls({ sentence: 'Where observers, or mirrors of theirs, answer, with commas between.' }),
} satisfies Table
