/** For tests: the parts that the machine keeps to itself. */
export {
  addMod,
  divide,
  mulMod,
  multiply,
  power,
  remainder,
  signExtend,
  signedDivide,
  signedRemainder,
} from '../arithmetic.ts'
export {
  equal,
  isZero,
  leadingZeros,
  lessThan,
  loadBigEndian,
  shiftLeft,
  shiftRight,
  shiftRightSigned,
  signedLessThan,
} from '../word.ts'
