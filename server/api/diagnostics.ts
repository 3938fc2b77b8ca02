/** A file for whoever is to help. Browser-safe. */
import { Type } from 'typebox'
import { route } from './route.ts'

export const getDiagnostics = route({
  id: 'getDiagnostics',
  method: 'post',
  path: '/api/system/diagnostics',
  access: 'system.manage',
  tag: 'system',
  summary: 'A file (tar.gz) for whoever is to help: logs, settings, processes, findings, flows, errors of runs; without secrets.',
  response: Type.Unknown(),
  rawResponse: true,
})
