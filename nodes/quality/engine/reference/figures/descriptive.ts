/** Summary statistics: NIST Statistical Reference Datasets, certified to 15 digits. */
import { describe, lagOneAutocorrelation } from '../../describe/index.ts'
import { figure, type ReferenceSet } from '../figure.ts'
import { piDigitsOfNist } from '../sets/pi-digits.ts'
import { LEW, LOTTERY, MAVRO, MICHELSO, NUM_ACC_1, NUM_ACC_2, NUM_ACC_3, NUM_ACC_4 } from '../sets/strd.ts'

/** What the input itself, written in binary, leaves of the standard deviation. */
const IN_DOUBLES = 'The data as binary numbers allow no more digits.'

interface Certified {
  id: string
  title: string
  values: readonly number[]
  mean: string
  deviation: string
  lag: string
  /** Of the standard deviation and the autocorrelation. */
  relative?: number
}

const sets = (): Certified[] => [
  { id: 'lottery', title: 'Lottery', values: LOTTERY, mean: '518.958715596330', deviation: '291.699727470969', lag: '-0.120948622967393' },
  { id: 'lew', title: 'Lew, deflection of a beam', values: LEW, mean: '-177.435000000000', deviation: '277.332168044316', lag: '-0.307304800605679' },
  {
    id: 'mavro',
    title: 'Mavro, filter transmittance',
    values: MAVRO,
    mean: '2.00185600000000',
    deviation: '0.000429123454003053',
    lag: '0.937989183438248',
    relative: 1e-12,
  },
  {
    id: 'michelso',
    title: 'Michelso, speed of light',
    values: MICHELSO,
    mean: '299.852400000000',
    deviation: '0.0790105478190518',
    lag: '0.535199668621283',
    relative: 1e-12,
  },
  {
    id: 'pi-digits',
    title: 'PiDigits, with the one digit that is wrong in the published file',
    values: piDigitsOfNist(),
    mean: '4.53480000000000',
    deviation: '2.86733906028871',
    lag: '-0.00355099287237972',
  },
  { id: 'num-acc-1', title: 'NumAcc1', values: NUM_ACC_1, mean: '10000002', deviation: '1', lag: '-0.5' },
  { id: 'num-acc-2', title: 'NumAcc2', values: NUM_ACC_2, mean: '1.2', deviation: '0.1', lag: '-0.999', relative: 1e-12 },
  { id: 'num-acc-3', title: 'NumAcc3', values: NUM_ACC_3, mean: '1000000.2', deviation: '0.1', lag: '-0.999', relative: 1e-9 },
  { id: 'num-acc-4', title: 'NumAcc4', values: NUM_ACC_4, mean: '10000000.2', deviation: '0.1', lag: '-0.999', relative: 1e-7 },
]

export const descriptiveSets = (): ReferenceSet[] =>
  sets().map(({ id, title, values, mean, deviation, lag, relative }) => {
    const found = describe(values)
    // the last of 15 digits is rounding in any arithmetic of 16
    const limits = relative === undefined ? { relative: 1e-13 } : { relative, note: IN_DOUBLES }
    return {
      id,
      title,
      source: 'NIST StRD, univariate summary statistics',
      size: values.length,
      figures: [
        figure('mean', mean, found.mean, { relative: 1e-14 }),
        figure('standard deviation', deviation, found.standardDeviation, limits),
        figure('lag-1 autocorrelation', lag, lagOneAutocorrelation(values), limits),
      ],
    }
  })
