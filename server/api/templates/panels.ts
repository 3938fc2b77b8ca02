/** Panels that go with a template: `panels/*.json`, and what becomes of them at an export, an import and a removal. Browser-safe. */
import { type Static, Type } from 'typebox'
import { ROLE_NAMES, type Role } from '../access.ts'
import { LayoutGrid, LayoutScope } from '../panel-layouts.ts'
import { ParameterKey } from './manifest.ts'

const closed = { additionalProperties: false }

/** Tabs in one file, and files in one template. */
export const MOST_TEMPLATE_TABS = 4
export const MOST_TEMPLATE_PANELS = 8

/** `panels/<name>.json`: tabs that an import puts beside those that a panel has. Node ids are those of the template. */
export const TemplatePanel = Type.Object(
  {
    /** `{{key}}` of a parameter that picks a machine, or `=cell`; absent: every machine. */
    place: Type.Optional(Type.String({ maxLength: 50, pattern: `^(=cell|\\{\\{${ParameterKey.slice(1, -1)}\\}\\})$` })),
    role: Type.Optional(Type.Unsafe<Role>({ type: 'string', enum: ROLE_NAMES })),
    tabs: Type.Array(
      // shorter than in a layout: at the import it gets the number of the import before it
      Type.Object({ ...LayoutGrid.properties, id: Type.String({ pattern: '^[a-z0-9-]{1,20}$' }) }, closed),
      { minItems: 1, maxItems: MOST_TEMPLATE_TABS },
    ),
  },
  closed,
)
export type TemplatePanel = Static<typeof TemplatePanel>

export const NamedPanel = Type.Object({ name: Type.String({ description: 'Of its file' }), ...TemplatePanel.properties })

/** A panel of this shop that holds controls of chosen nodes. */
export const ExportPanel = Type.Object({
  /** For the choice. */
  key: Type.String(),
  scope: LayoutScope,
  /** What would go along. */
  tabs: Type.Array(LayoutGrid),
  /** What of these tabs, and of the rest of the panel, stays here: names of tabs, labels of controls. */
  leftOut: Type.Array(Type.String()),
  /** Why it cannot go along. `machine-not-asked`: no parameter stands for its machine. */
  why: Type.Optional(Type.Enum(['machine-not-asked', 'too-many'])),
})
export type ExportPanel = Static<typeof ExportPanel>

/**
 * `beside`: tabs beside those that somebody arranged. `own`: the panel has no layout of its own; it gets one, of what it shows now and
 * the new tabs. `updated`: tabs of the import before change. `same`: they are there as they come. `moved`: to another machine.
 * The rest is not placed.
 */
const PANEL_STATES = ['beside', 'own', 'updated', 'moved', 'same', 'no-room', 'no-machine', 'left-out'] as const
export const ImportPanel = Type.Object({
  name: Type.String(),
  /** Absent while its machine is not chosen. */
  scope: Type.Optional(LayoutScope),
  state: Type.Enum([...PANEL_STATES]),
  /** As they would be. */
  tabs: Type.Array(LayoutGrid),
  /** Roles that do not see it, since they have a panel of their own there. */
  hiddenFrom: Type.Array(Type.String()),
})
export type ImportPanel = Static<typeof ImportPanel>

/** A tab that goes with an import that is removed. `stays`: without its controls, since others have put something on it. */
export const RemovedPanel = Type.Object({ scope: LayoutScope, tab: Type.String(), stays: Type.Boolean() })
export type RemovedPanel = Static<typeof RemovedPanel>
