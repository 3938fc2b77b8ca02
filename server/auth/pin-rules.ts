/** Which PINs are refused: the ones that whoever stands at a panel would try first. */
import { UserError } from '../../base/errors.ts'

/** Every digit is the one before plus `step`: 0000, 1234, 9876; after 9 comes 0. */
const isRun = (pin: string, step: number) => [...pin].every((digit, at) => at === 0 || Number(digit) === (Number(pin[at - 1]) + step + 10) % 10)
/** The same one or two digits again and again: 4444, 1212, 121212. */
const isRepeated = (pin: string) => pin.length % 2 === 0 && pin === pin.slice(0, 2).repeat(pin.length / 2)

/** Easy to guess: the same digit, a row of digits, a pair repeated, the middle column of the keys. */
export const isWeakPin = (pin: string): boolean => [0, 1, -1].some((step) => isRun(pin, step)) || isRepeated(pin) || pin === '2580' || pin === '0852'

/** @throws UserError `pin-weak` (400) */
export function checkPin(pin: string): void {
  if (isWeakPin(pin))
    throw new UserError({
      code: 'pin-weak',
      message:
        'This PIN is one of the first that others would try (a row of digits, or the same ones again and again). Choose one that is not so easy to guess.',
    })
}
