/** Normality tests, against R's nortest::ad.test and shapiro.test. */
import { andersonDarling, shapiroWilk } from '../../normality/index.ts'
import { figure, type ReferenceSet } from '../figure.ts'
import { FLOW_RATE } from '../sets/charts.ts'
import { PISTON_RINGS_TRIAL } from '../sets/piston-rings.ts'
import { LEW, LOTTERY, MAVRO, MICHELSO } from '../sets/strd.ts'

const ROYSTON = 'The approximation of p is itself good to a few digits; R prints six.'

const ROWS: readonly (readonly [id: string, title: string, values: readonly number[], figures: readonly [string, string, string, string, string]])[] = [
  ['michelso', 'Michelso', MICHELSO, ['0.4607638557', '0.46432326', '0.254957', '0.9880743299', '0.513704']],
  ['mavro', 'Mavro', MAVRO, ['1.668465485', '1.69499409', '0.000241273', '0.9007973943', '0.000510566']],
  ['lottery', 'Lottery', LOTTERY, ['2.573726471', '2.58270289', '1.63008e-06', '0.9521300956', '1.19857e-06']],
  ['lew', 'Lew', LEW, ['6.000646916', '6.02348688', '8.32483e-15', '0.9038350537', '4.44053e-10']],
  ['flow', 'Flow rate', FLOW_RATE, ['0.3048580493', '0.33458171', '0.5078618', '0.9336518379', '0.4847567']],
  ['piston-rings', 'Piston rings 1 to 25', PISTON_RINGS_TRIAL.flat(), ['0.19101938', '0.19219301', '0.895834', '0.99294794', '0.786107']],
]

export const normalitySets = (): ReferenceSet[] =>
  ROWS.map(([id, title, values, [a, adjusted, pOfA, w, pOfW]]) => {
    const ad = andersonDarling(values)
    const sw = shapiroWilk(values)
    return {
      id: `normality-${id}`,
      title: `${title}: normality`,
      source: 'R nortest::ad.test, shapiro.test',
      size: values.length,
      figures: [
        figure('Anderson-Darling A²', a, ad.statistic),
        figure('Anderson-Darling A² adjusted', adjusted, ad.adjusted),
        figure('Anderson-Darling p', pOfA, ad.p),
        figure('Shapiro-Wilk W', w, sw.statistic),
        figure('Shapiro-Wilk p', pOfW, sw.p, { relative: 1e-5, note: ROYSTON }),
      ],
    }
  })
