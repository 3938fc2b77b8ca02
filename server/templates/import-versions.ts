/** Versions of imports: which version of a template with which values. Putting one back is an update like every other. */
import { type Static, Type } from 'typebox'
import { UserError } from '../../base/errors.ts'
import { checker } from '../../base/schema.ts'
import type { BodyOf, importTemplate } from '../api/index.ts'
import type { Caller } from '../auth/caller.ts'
import type { KeepVersion, VersionOwner } from '../versions/index.ts'
import type { ImportRow, ImportRows, ImportState } from './import-rows.ts'

const Content = Type.Object({
  template: Type.String(),
  version: Type.String(),
  name: Type.String(),
  title: Type.Union([Type.String(), Type.Null()]),
  parameters: Type.Record(Type.String(), Type.Unknown()),
  signer: Type.Union([Type.String(), Type.Null()]),
  programs: Type.Array(Type.String()),
})
const content = checker(Content)

export function versionOf(
  { id, templateId }: Pick<ImportRow, 'id' | 'templateId'>,
  state: ImportState,
): Pick<KeepVersion, 'kind' | 'subject' | 'title' | 'content'> {
  const { name, title, version, parameters, signer, programs } = state
  const kept: Static<typeof Content> = { template: templateId, version, name, title, parameters, signer, programs: programs.map((each) => each.name) }
  return { kind: 'template', subject: id, title: name, content: kept }
}

interface ImportVersionsDeps {
  /** @param restoredFrom the version that is put back */
  run(templateId: string, request: BodyOf<typeof importTemplate>, caller: Caller, restoredFrom: string): Promise<unknown>
  rows: Pick<ImportRows, 'list'>
}

export function importVersions({ run, rows }: ImportVersionsDeps): VersionOwner {
  return {
    sees: 'flows.view',
    changes: 'flows.deploy',
    async restore({ caller, version, reason }) {
      if (!content.is(version.content))
        throw new UserError({
          code: 'version-not-restorable',
          status: 409,
          message: 'In this version the import was removed. Remove it on the page of templates, or restore another version.',
        })
      const { template, version: wanted, title, parameters } = version.content
      // an import that was removed comes back as a new one
      const isThere = (await rows.list()).some(({ id }) => id === version.subject)
      await run(
        template,
        {
          version: wanted,
          parameters,
          keepsChanges: true,
          to: 'deploy',
          ...(title === null ? {} : { name: title }),
          ...(isThere ? { replaces: version.subject } : {}),
          comment: reason ?? `Version ${version.number} of the import "${version.title}" is put back`,
        },
        caller,
        version.id,
      )
    },
  }
}
