/** Control charts: the NIST/SEMATECH e-Handbook, Montgomery's data as R's qcc prints them, and the constants behind all of them. */
import { type ChartOptions, controlChart, type PanelName, type Subgroup } from '../../charts/index.ts'
import { c4, d2, d2Star, d3 } from '../../constants/index.ts'
import { figure, type ReferenceSet } from '../figure.ts'
import { CIRCUIT, CUSUM_DATA, EWMA_DATA, FLOW_RATE, ORANGE_JUICE, WAFER_DEFECTS } from '../sets/charts.ts'
import { PISTON_RINGS, PISTON_RINGS_TRIAL } from '../sets/piston-rings.ts'

const ROUNDED_D2 = 'The published figure reckons with d2 rounded to three decimals.'
const HANDBOOK = 'NIST/SEMATECH e-Handbook'
const QCC = 'R qcc 3.0'

const singles = (values: readonly number[]): Subgroup[] => values.map((value) => ({ values: [value] }))
const groups = (samples: readonly (readonly number[])[]): Subgroup[] => samples.map((values) => ({ values }))

function chartOf(subgroups: readonly Subgroup[], options: ChartOptions) {
  const result = controlChart(subgroups, options)
  const panel = (name: PanelName) => result.charts.find((one) => one.name === name)
  return {
    lower: (name: PanelName) => panel(name)?.limits[0]?.lower ?? Number.NaN,
    upper: (name: PanelName) => panel(name)?.limits[0]?.upper ?? Number.NaN,
    center: (name: PanelName) => panel(name)?.limits[0]?.center ?? Number.NaN,
    value: (name: PanelName, at: number) => panel(name)?.points.value[at] ?? Number.NaN,
    /** From 1; NaN where there is none. */
    firstSignal: (name: PanelName) => (panel(name)?.signals[0]?.at ?? Number.NaN) + 1,
    mean: result.phases[0]?.center ?? Number.NaN,
    sigma: result.phases[0]?.sigma ?? Number.NaN,
  }
}

function constants(): ReferenceSet {
  const TABLE: readonly (readonly [n: number, d2: string, d3: string, c4: string])[] = [
    [2, '1.1283791671', '0.8525024664', '0.7978845608'],
    [3, '1.6925687506', '0.8883680040', '0.8862269255'],
    [4, '2.0587507460', '0.8798082028', '0.9213177319'],
    [5, '2.3259289473', '0.8640819411', '0.9399856030'],
    [6, '2.5344127212', '0.8480396861', '0.9515328619'],
    [7, '2.7043567512', '0.8332053356', '0.9593687887'],
    [8, '2.8472006121', '0.8198314898', '0.9650304561'],
    [9, '2.9700263244', '0.8078342745', '0.9693106997'],
    [10, '3.0775054617', '0.7970506735', '0.9726592741'],
    [25, '3.9306292195', '0.7084407659', '0.9896403756'],
  ]
  return {
    id: 'constants',
    title: 'Constants d2, d3, c4, d2*',
    source: 'Closed forms; R ptukey; AIAG MSA (d2*)',
    size: TABLE.length,
    figures: [
      ...TABLE.flatMap(([n, mean, deviation, correction]) => [
        figure(`d2(${n})`, mean, d2(n)),
        figure(`d3(${n})`, deviation, d3(n), { relative: 1e-9, note: 'The table is cut off, not rounded.' }),
        figure(`c4(${n})`, correction, c4(n)),
      ]),
      figure('d2*(2, 1)', '1.41421', d2Star(2, 1)),
      figure('d2*(3, 1)', '1.91155', d2Star(3, 1), { relative: 1e-5, note: 'The table is one off in its last digit.' }),
      figure('d2*(10, 1)', '3.17905', d2Star(10, 1)),
    ],
  }
}

export function chartSets(): ReferenceSet[] {
  const trial = groups(PISTON_RINGS_TRIAL)
  const ranges = chartOf(trial, { kind: 'xbar-r' })
  const deviations = chartOf(trial, { kind: 'xbar-s' })
  const flow = chartOf(singles(FLOW_RATE), { kind: 'i-mr' })
  const ewma = chartOf(singles(EWMA_DATA), { kind: 'ewma', target: 50, given: { center: 50, sigma: 2.0539 }, ewma: { lambda: 0.3, limits: 'asymptotic' } })
  const cusum = chartOf(singles(CUSUM_DATA), { kind: 'cusum', target: 325, given: { center: 325, sigma: 1 }, cusum: { k: 0.3175, h: 4.1959, units: 'raw' } })
  const ringsCusum = chartOf(groups(PISTON_RINGS), { kind: 'cusum', given: { center: ranges.mean, sigma: ranges.sigma } })
  const ringsEwma = controlChart(trial, { kind: 'ewma' }).charts[0]
  const juice = ORANGE_JUICE.map((count): Subgroup => ({ count, size: 50 }))
  const p = chartOf(juice, { kind: 'p' })
  const np = chartOf(juice, { kind: 'np' })
  const kept = chartOf(
    juice.map((one, i) => (i === 14 || i === 22 ? { ...one, excluded: true } : one)),
    { kind: 'p' },
  )
  const circuit = chartOf(
    CIRCUIT.map((count) => ({ count })),
    { kind: 'c' },
  )
  const wafers = chartOf(
    WAFER_DEFECTS.map((count) => ({ count })),
    { kind: 'c' },
  )
  const loose = { relative: 1e-4, note: ROUNDED_D2 }
  return [
    constants(),
    {
      id: 'piston-rings-xbar-r',
      title: 'Piston rings, X-bar and R',
      source: `Montgomery; ${QCC}`,
      size: PISTON_RINGS_TRIAL.flat().length,
      figures: [
        figure('grand mean', '74.001176', ranges.mean),
        figure('sigma', '0.0097853376', ranges.sigma),
        figure('sigma as qcc prints it', '0.009785039', ranges.sigma, loose),
        figure('X-bar lower limit', '73.988048', ranges.lower('xbar')),
        figure('X-bar upper limit', '74.014304', ranges.upper('xbar')),
        figure('R center', '0.02276', ranges.center('range')),
        figure('R upper limit', '0.04812600', ranges.upper('range')),
        figure('R upper limit as qcc prints it', '0.04812533', ranges.upper('range'), loose),
      ],
    },
    {
      id: 'piston-rings-xbar-s',
      title: 'Piston rings, X-bar and S',
      source: `Montgomery; ${QCC}`,
      size: PISTON_RINGS_TRIAL.flat().length,
      figures: [
        figure('S center', '0.0092400366', deviations.center('standard-deviation')),
        figure('sigma', '0.0098299767', deviations.sigma),
        figure('S upper limit', '0.01930242', deviations.upper('standard-deviation')),
        figure('X-bar lower limit', '73.987988', deviations.lower('xbar')),
        figure('X-bar upper limit', '74.014364', deviations.upper('xbar')),
      ],
    },
    {
      id: 'piston-rings-ewma',
      title: 'Piston rings, EWMA (lambda 0.2, L 3)',
      source: QCC,
      size: PISTON_RINGS_TRIAL.flat().length,
      figures: (
        [
          [0, '73.99855', '74.00380'],
          [1, '73.99781', '74.00454'],
          [24, '73.99680', '74.00555'],
        ] as const
      ).flatMap(([at, lower, upper]) => [
        figure(`lower limit, sample ${at + 1}`, lower, ringsEwma?.points.lower[at] ?? Number.NaN),
        figure(`upper limit, sample ${at + 1}`, upper, ringsEwma?.points.upper[at] ?? Number.NaN),
      ]),
    },
    {
      id: 'piston-rings-cusum',
      title: 'Piston rings, CUSUM (k 0.5, h 5)',
      source: QCC,
      size: PISTON_RINGS.flat().length,
      figures: [
        figure('first signal above', '37', ringsCusum.firstSignal('cusum-high')),
        ...(['7.1874', '10.8976', '15.4762', '17.6325'] as const).map((sum, i) =>
          figure(`sum above at ${37 + i}`, sum, ringsCusum.value('cusum-high', 36 + i), loose),
        ),
      ],
    },
    {
      id: 'flow-rate',
      title: 'Flow rate, individuals and moving range',
      source: `${HANDBOOK} 6.3.2.2`,
      size: FLOW_RATE.length,
      figures: [
        figure('mean', '50.81', flow.mean),
        figure('mean moving range', '1.8778', flow.center('moving-range')),
        figure('upper limit', '55.8041', flow.upper('individuals'), loose),
        figure('lower limit', '45.8159', flow.lower('individuals'), loose),
        figure('upper limit with the exact d2', '55.8024', flow.upper('individuals')),
      ],
    },
    {
      id: 'e-handbook-ewma',
      title: 'EWMA (lambda 0.3, target 50)',
      source: `${HANDBOOK} 6.3.2.4`,
      size: EWMA_DATA.length,
      figures: [
        figure('upper limit', '52.5884', ewma.upper('ewma')),
        figure('lower limit', '47.4115', ewma.lower('ewma'), { relative: 2e-6, note: 'Printed cut off, not rounded: 47.41157.' }),
        ...['50.60', '49.52', '50.56', '50.18'].map((value, i) => figure(`EWMA at ${i + 1}`, value, ewma.value('ewma', i))),
        figure('EWMA at 20', '51.99', ewma.value('ewma', 19)),
      ],
    },
    {
      id: 'e-handbook-cusum',
      title: 'Tabular CUSUM (target 325)',
      source: `${HANDBOOK} 6.3.2.3`,
      size: CUSUM_DATA.length,
      figures: [
        figure('first signal', '14', cusum.firstSignal('cusum-high')),
        ...(['3.01', '4.94', '7.45', '10.63', '11.99', '14.44', '16.00', '19.04'] as const).map((sum, i) =>
          figure(`sum above at ${13 + i}`, sum, cusum.value('cusum-high', 12 + i), { relative: 0.002, note: 'Reckoned on from rounded sums.' }),
        ),
      ],
    },
    {
      id: 'orange-juice',
      title: 'Orange juice cans, p and np',
      source: `Montgomery; ${QCC}; ${HANDBOOK} 6.3.3.2`,
      size: ORANGE_JUICE.length,
      figures: [
        figure('p center', '0.2313333', p.center('p')),
        figure('p lower limit', '0.05242755', p.lower('p')),
        figure('p upper limit', '0.4102391', p.upper('p')),
        figure('np center', '11.56667', np.center('np')),
        figure('np lower limit', '2.621377', np.lower('np')),
        figure('np upper limit', '20.51196', np.upper('np')),
        figure('first signal', '15', p.firstSignal('p')),
        figure('p center without samples 15 and 23', '0.215', kept.center('p')),
        figure('p lower limit without them', '0.04070284', kept.lower('p')),
        figure('p upper limit without them', '0.3892972', kept.upper('p')),
      ],
    },
    {
      id: 'circuit',
      title: 'Printed circuit boards, c',
      source: `Montgomery; ${QCC}`,
      size: CIRCUIT.length,
      figures: [
        figure('center', '19.84615', circuit.center('c')),
        figure('lower limit', '6.481447', circuit.lower('c')),
        figure('upper limit', '33.21086', circuit.upper('c')),
        figure('first signal', '6', circuit.firstSignal('c')),
      ],
    },
    {
      id: 'wafers',
      title: 'Wafer defects, c',
      source: `${HANDBOOK} 6.3.3.1`,
      size: WAFER_DEFECTS.length,
      figures: [figure('center', '16', wafers.center('c')), figure('lower limit', '4', wafers.lower('c')), figure('upper limit', '28', wafers.upper('c'))],
    },
  ]
}
