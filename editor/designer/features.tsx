/** The areas of the designer: each adds its actions, panels and layers while the page is there. One line an area. */
import type { ReactNode } from 'react'
import { ArrangeFeature } from './arrange/arrange-feature.tsx'
import { CanvasFeature } from './canvas/canvas-feature.tsx'
import { CollabFeature } from './collab/collab-feature.tsx'
import { ConfigFeature } from './config/config-feature.tsx'
import { DebuggerFeature } from './debugger/debugger-feature.tsx'
import { DeployFeature } from './deploy/deploy-feature.tsx'
import { FindFeature } from './find/find-feature.tsx'
import { LiveFeature } from './live/live-feature.tsx'
import { PanelsFeature } from './panels/panels-feature.tsx'
import { RehearsalFeature } from './rehearsal/rehearsal-feature.tsx'
import { StockFeature } from './stock/index.ts'
import { TemplateExportFeature } from './template-export/template-export-feature.tsx'
import { TourFeature } from './tour/tour-feature.tsx'

export const FEATURES: readonly { name: string; Feature: () => ReactNode }[] = [
  { name: 'find', Feature: FindFeature },
  { name: 'canvas', Feature: CanvasFeature },
  { name: 'arrange', Feature: ArrangeFeature },
  { name: 'config', Feature: ConfigFeature },
  { name: 'live', Feature: LiveFeature },
  { name: 'panels', Feature: PanelsFeature },
  { name: 'deploy', Feature: DeployFeature },
  { name: 'collab', Feature: CollabFeature },
  { name: 'stock', Feature: StockFeature },
  { name: 'debugger', Feature: DebuggerFeature },
  { name: 'rehearsal', Feature: RehearsalFeature },
  { name: 'template-export', Feature: TemplateExportFeature },
  { name: 'tour', Feature: TourFeature },
]
