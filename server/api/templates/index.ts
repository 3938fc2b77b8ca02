/** Templates over the API, by subject. */
export * from './exports.ts'
export * from './gallery.ts'
export * from './imports.ts'
export {
  MACHINE_NEEDS,
  TEMPLATE_CATEGORIES,
  TemplateManifest,
  TemplateParameter,
  TemplateParameters,
  TemplateTest,
} from './manifest.ts'
export { type ExportPanel, type ImportPanel, MOST_TEMPLATE_PANELS, MOST_TEMPLATE_TABS, type RemovedPanel, TemplatePanel } from './panels.ts'
export * from './sharing.ts'
