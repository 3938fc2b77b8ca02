/**
 * The digits of pi, calculated by Machin's formula pi = 16 arctan(1/5) - 4 arctan(1/239) in whole numbers.
 * Source: J. Machin, 1706; any table of arctangent formulas.
 */

const GUARD_DIGITS = 12

/** The first digits of pi, the 3 among them. */
function digitsOfPi(count: number): number[] {
  const one = 10n ** BigInt(count + GUARD_DIGITS)
  const arctanOfInverse = (x: bigint) => {
    let sum = 0n
    let sign = 1n
    let divisor = 1n
    for (let power = one / x; power > 0n; power /= x * x) {
      sum += (sign * power) / divisor
      sign = -sign
      divisor += 2n
    }
    return sum
  }
  const pi = 16n * arctanOfInverse(5n) - 4n * arctanOfInverse(239n)
  return Array.from(pi.toString().slice(0, count), Number)
}

const PLACE = 956
const IN_THE_FILE = 3

/**
 * NIST's data set PiDigits: the first 5000 digits of pi, save for one. Its file has 3 as the 957th digit where pi has 8, and its certified
 * figures are those of the file (with the digit of pi the mean would be 4.5358 and not 4.5348).
 */
export const piDigitsOfNist = (): number[] => digitsOfPi(5000).with(PLACE, IN_THE_FILE)
