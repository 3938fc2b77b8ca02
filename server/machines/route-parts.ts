/** What the routes of machines and programs are made from. */
import type { Audit } from '../audit/contract.ts'
import type { KeptVersions } from '../versions/index.ts'
import type { ActionsUnderWay } from './actions-under-way.ts'
import type { Holders } from './holders.ts'
import type { InterlockNews } from './interlock-news.ts'
import type { MachineRegistry } from './machines.ts'
import type { ProbeResults } from './probe-results.ts'
import type { ProgramLibrary } from './programs.ts'
import type { Surveys } from './survey.ts'
import type { Transforms } from './transforms.ts'

export interface RouteParts {
  machines: MachineRegistry
  programs: ProgramLibrary
  probes: ProbeResults
  holders: Holders
  interlockNews: InterlockNews
  underWay: ActionsUnderWay
  surveys: Surveys
  transforms: Transforms
  audit: Audit
  versions: Pick<KeptVersions, 'own'>
}
