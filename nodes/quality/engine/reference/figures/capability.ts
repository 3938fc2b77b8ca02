/** Capability of Montgomery's piston rings, against R's qcc and against exact constants. */
import { capability } from '../../capability/index.ts'
import { figure, type ReferenceSet } from '../figure.ts'
import { PISTON_RINGS_TRIAL } from '../sets/piston-rings.ts'

const WIDE = { lower: 73.95, upper: 74.05, target: 74 }

export function capabilitySets(): ReferenceSet[] {
  const study = (tolerance: typeof WIDE) => capability(PISTON_RINGS_TRIAL, { tolerance })
  const rings = study(WIDE)
  const aside = study({ ...WIDE, target: 74.02 })
  const narrow = study({ lower: 73.99, upper: 74.01, target: 74 })
  const size = PISTON_RINGS_TRIAL.flat().length
  const within = { relative: 1e-4, note: 'qcc reckons with d2 rounded to 2.326.' }
  const interval = (
    name: string,
    published: readonly [string, string, string],
    index: { value: number; lower: number; upper: number } | null,
    tolerance: typeof within | undefined,
  ) => [
    figure(name, published[0], index?.value ?? Number.NaN, tolerance),
    figure(`${name}, lower bound 95 %`, published[1], index?.lower ?? Number.NaN, tolerance),
    figure(`${name}, upper bound 95 %`, published[2], index?.upper ?? Number.NaN, tolerance),
  ]
  return [
    {
      id: 'piston-rings-capability',
      title: 'Piston rings, samples 1 to 25: 73.95 to 74.05, target 74',
      source: 'Montgomery; R qcc 3.0 process.capability',
      size,
      figures: [
        figure('sigma within (range / d2)', '0.0097853376', rings.within.sigma),
        figure('sigma overall', '0.0100699681', rings.overall.sigma),
        ...interval('Cp', ['1.70328', '1.49141', '1.91483'], rings.cp, within),
        figure('CPL', '1.74334', rings.cpl?.value ?? Number.NaN, within),
        figure('CPU', '1.66322', rings.cpu?.value ?? Number.NaN, within),
        ...interval('Cpk', ['1.66322', '1.44813', '1.87831'], rings.cpk, within),
        ...interval('Cpm', ['1.69111', '1.48011', '1.90179'], rings.cpm, within),
        ...interval('Pp', ['1.65509', '1.44921', '1.86065'], rings.pp, undefined),
        ...interval('Ppk', ['1.61616', '1.40670', '1.82562'], rings.ppk, undefined),
        figure('Cpm with the overall sigma', '1.64391', rings.cpmOverall?.value ?? Number.NaN),
      ],
    },
    {
      id: 'piston-rings-off-target',
      title: 'Piston rings, target 74.02',
      source: 'R qcc 3.0 process.capability',
      size,
      figures: interval('Cpm', ['0.78560', '0.65559', '0.91536'], aside.cpm, within),
    },
    {
      id: 'piston-rings-narrow',
      title: 'Piston rings, 73.99 to 74.01',
      source: 'R qcc 3.0 process.capability',
      size,
      figures: [
        figure('Cp', '0.34066', narrow.cp?.value ?? Number.NaN, within),
        figure('Cpk', '0.30059', narrow.cpk.value, within),
        figure('Cpm', '0.33822', narrow.cpm?.value ?? Number.NaN, within),
      ],
    },
    {
      id: 'e-handbook-capability',
      title: 'Mean 16, sigma 2, tolerance 8 to 20',
      source: 'NIST/SEMATECH e-Handbook 6.1.6',
      size: TWO_POINT.flat().length,
      figures: ehandbook(),
    },
  ]
}

/** Subgroups of two with mean 16 and, pooled, a standard deviation of exactly 2. */
const TWO_POINT: readonly (readonly number[])[] = Array.from({ length: 20 }, () => [16 - Math.SQRT2, 16 + Math.SQRT2])

function ehandbook() {
  const found = capability(TWO_POINT, { tolerance: { lower: 8, upper: 20, target: 14 }, within: 'pooled' })
  return [
    figure('Cp', '1.0000', found.cp?.value ?? Number.NaN),
    figure('Cpk', '0.6667', found.cpk.value),
    figure('Cpu', '0.6667', found.cpu?.value ?? Number.NaN),
    figure('Cpl', '1.3333', found.cpl?.value ?? Number.NaN),
    figure('Cpm (target 14)', '0.70711', found.cpm?.value ?? Number.NaN),
  ]
}
