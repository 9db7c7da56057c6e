/** The people of the demo and what they would rather not publish. Invented. */

/** By the names of the network's demo accounts; as many of them take part as the user asks for, in this order. */
export const FORTUNES: Readonly<Record<string, bigint>> = {
  alice: 4_200_000n,
  bob: 3_900_000n,
  carol: 11_300_000n,
  dave: 880_000n,
  erin: 23_650_000n,
  frank: 1_040_000n,
  grace: 7_400_000n,
}
