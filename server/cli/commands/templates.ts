/** `cellwright template list|show|import|export|verify|remove`. */
import { createReadStream } from 'node:fs'
import { lstat, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Command } from 'commander'
import { messageOf, OperationalError, UserError } from '../../../base/errors.ts'
import {
  CELL,
  type ExportParameter,
  exportTemplate,
  getTemplate,
  getTemplateFile,
  type ImportPreview,
  importTemplate,
  type LayoutScope,
  listTemplateImports,
  listTemplates,
  previewExport,
  previewTemplate,
  removeTemplate,
  removeTemplateImport,
  type TemplateDetail,
  type TemplateParameters,
  type TemplateSigner,
  uploadTemplate,
} from '../../api/index.ts'
import { LIMITS } from '../../templates/archive/limits.ts'
import type { Client } from '../client.ts'
import { fileProblem } from '../files.ts'
import type { Shell } from './shell.ts'

/** Reading and packing archives takes a library that the other commands need not load. */
const files = () => import('../../templates/files.ts')

const collect = (value: string, all: string[]) => [...all, value]

/** Undefined when there is nothing at that path. */
async function kindOf(path: string): Promise<'file' | 'folder' | undefined> {
  try {
    return (await lstat(path)).isDirectory() ? 'folder' : 'file'
  } catch {
    // then it is the id of a template
    return undefined
  }
}

/** A `.cwt` file of what a person named: a file, a folder, an address. */
async function archiveOf(source: string): Promise<Buffer | undefined> {
  if (/^https?:\/\//.test(source)) return download(source)
  // a folder of that name is meant with ./ before it
  if (/^[a-z0-9-]+$/.test(source)) return undefined
  switch (await kindOf(source)) {
    case 'folder': {
      const { packFolder, readFolder } = await files()
      return packFolder(await readFolder(source))
    }
    case 'file':
      return readFile(source).catch((error: unknown) => {
        throw fileProblem(source, error)
      })
    default:
      return undefined
  }
}

/** @throws OperationalError download-failed; UserError template-refused beyond the size of a template */
async function download(url: string): Promise<Buffer> {
  const failed = (reason: string, cause?: unknown) =>
    new OperationalError({ code: 'download-failed', message: `${url} could not be loaded: ${reason}.`, ...(cause === undefined ? {} : { cause }) })
  const answer = await fetch(url, { signal: AbortSignal.timeout(60_000) }).catch((error: unknown) => {
    throw failed(messageOf((error as { cause?: unknown }).cause ?? error), error)
  })
  if (!answer.ok || !answer.body) throw failed(`the server answered ${answer.status}`)
  const parts: Uint8Array[] = []
  let bytes = 0
  for await (const part of answer.body as unknown as AsyncIterable<Uint8Array>) {
    bytes += part.length
    if (bytes > LIMITS.packedBytes) throw failed(`it is larger than ${LIMITS.packedBytes / 1_000_000} MB`)
    parts.push(part)
  }
  return Buffer.concat(parts)
}

/** Brings it to the server, where it has to be for an import. */
async function bring(api: Client, archive: Buffer): Promise<TemplateDetail> {
  const file = join(tmpdir(), `cellwright-${process.pid}-${crypto.randomUUID()}.cwt`)
  await writeFile(file, archive, { mode: 0o600 })
  try {
    return await api.upload(uploadTemplate, {}, file)
  } finally {
    await rm(file, { force: true })
  }
}

const signerText = ({ state, name, fingerprint }: TemplateSigner): string => {
  const key = fingerprint === undefined ? '' : ` (${name}, key ${fingerprint})`
  switch (state) {
    case 'product':
      return 'ships with Cellwright'
    case 'ours':
      return `signed by this shop${key}`
    case 'known':
      return `signed by a key of an earlier import${key}`
    case 'unknown':
      return `signed by a key that is new here${key}: ask its author whether it is theirs`
    case 'unsigned':
      return 'not signed'
    default:
      return state satisfies never
  }
}

/** `key=value`, with the type that the parameter has. @throws UserError parameters-invalid */
function parametersFrom(given: readonly string[], { properties }: TemplateParameters): Record<string, unknown> {
  return Object.fromEntries(
    given.map((text) => {
      const at = text.indexOf('=')
      const [key, value] = at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
      const schema = properties[key]
      if (at < 0 || !schema)
        throw new UserError({
          code: 'parameters-invalid',
          message: `"${text}" sets no parameter. Write key=value; the keys are ${Object.keys(properties).join(', ')}.`,
        })
      if (schema.type === 'boolean') return [key, value === 'true' || value === 'yes']
      return [key, schema.type === 'string' || value === '' ? value : Number(value)]
    }),
  )
}

const scopeText = ({ place = 'every machine', role }: LayoutScope) => `${place === CELL ? 'cell' : place}${role === undefined ? '' : `, ${role}`}`

function previewText({ template, counts, signer, needs, parameterProblems, problems, conflicts, programs, panels, isReady }: ImportPreview): string {
  return [
    `${template.name} ${template.version}: ${counts.added} nodes added, ${counts.changed} changed, ${counts.removed} removed.`,
    `Origin: ${signerText(signer)}.`,
    ...needs.filter(({ isThere }) => isThere !== 'yes').map(({ text, isThere }) => `${isThere === 'no' ? 'Missing' : 'To look at'}: ${text}`),
    ...parameterProblems.map(({ key, message }) => `Parameter ${key}: ${message}`),
    ...problems.map(({ message }) => `Problem: ${message}`),
    ...conflicts.map(({ key, name, property }) => `To decide (--decide "${key}=ours" or "=theirs"): ${name}${property === undefined ? '' : `, ${property}`}`),
    ...programs.filter(({ state }) => state === 'other-content' || state === 'not-allowed').map(({ name, state }) => `Program ${name}: ${state}`),
    ...panels.map(({ name, scope, state, tabs }) => `Panel ${scope ? scopeText(scope) : name}: ${state} (${tabs.map((tab) => tab.name).join(', ')})`),
    isReady ? 'It can be imported.' : 'It cannot be imported like this.',
  ].join('\n')
}

/** `key=node.path` with `:title` behind it. */
function exportParameter(text: string, suggested: readonly ExportParameter[]): ExportParameter {
  const found = /^([a-zA-Z][a-zA-Z0-9]*)=([^.]+)\.([^:]+)(?::(.+))?$/.exec(text)
  if (!found)
    throw new UserError({ code: 'export-parameter', message: `"${text}" names no property. Write key=<node id>.<property>, and :Title behind it if you like.` })
  const [, key = '', nodeId = '', path = '', title] = found
  const known = suggested.find(({ places }) => places.some((place) => place.nodeId === nodeId && place.path === path))
  return known
    ? { ...known, key, schema: { ...known.schema, title: title ?? known.schema.title } }
    : { key, schema: { title: title ?? path, type: 'string', widget: 'text' }, isRequired: true, places: [{ nodeId, path }] }
}

export function addTemplateCommands(program: Command, { client, output }: Shell): void {
  const template = program.command('template').description('flow templates: what can be imported, what was, and making one')
  template
    .command('list')
    .description('lists the templates, or with --imports what was imported')
    .option('--imports', 'what was imported')
    .action(async ({ imports }: { imports?: boolean }) => {
      if (imports)
        return output().table(
          await client().call(listTemplateImports, {}),
          {
            ID: (i) => i.id,
            NAME: (i) => i.name,
            TEMPLATE: (i) => `${i.templateId} ${i.version}`,
            STATE: (i) => i.state,
            'CHANGED HERE': (i) => i.changedHere,
            NEWER: (i) => i.newVersion ?? '',
            BY: (i) => i.by,
          },
          'Nothing was imported yet.',
        )
      output().table(
        await client().call(listTemplates, {}),
        {
          ID: (t) => t.id,
          VERSION: (t) => t.version,
          NAME: (t) => t.name,
          FOR: (t) => t.categories.join(', '),
          FROM: (t) => (t.origin === 'product' ? 'Cellwright' : t.author),
          MISSING: (t) =>
            t.needs
              .filter(({ isThere }) => isThere === 'no')
              .map(({ name }) => name)
              .join(', '),
          IMPORTS: (t) => t.imports,
        },
        'There is no template.',
      )
    })
  template
    .command('show <template>')
    .description('what a template does, its parameters and what it needs')
    .action(async (templateId: string) => {
      const shown = await client().call(getTemplate, { params: { templateId } })
      const parameters = Object.entries(shown.parameters.properties).map(([key, { title, unit, widget, default: usual }]) => {
        const isNeeded = shown.parameters.required?.includes(key) && usual === undefined
        return `  ${key}: ${title}${unit ? `, ${unit}` : ''} (${widget}${usual === undefined ? '' : `, ${JSON.stringify(usual)} unless set`}${isNeeded ? ', needed' : ''})`
      })
      output().result(
        shown,
        [
          `${shown.name} ${shown.version} by ${shown.author} (${shown.licence}); ${signerText(shown.signer)}.`,
          shown.summary,
          '',
          'Parameters',
          ...parameters,
          ...(shown.needs.length ? ['', 'Needs', ...shown.needs.map(({ isThere, text }) => `  ${isThere}: ${text}`)] : []),
          '',
          shown.readme,
        ].join('\n'),
      )
    })
  template
    .command('import <template>')
    .description('imports a template (id, .cwt file, folder or address) and deploys it')
    .option('--set <key=value>', 'a parameter; may be given again', collect, [] as string[])
    .option('--name <text>', 'what its flow is called')
    .option('--replace <import>', 'takes the place of an earlier import; what was changed here since stays')
    .option('--without-changes', 'with --replace: what was changed here does not stay')
    .option('--decide <key=side>', 'ours or theirs, for what both have changed; may be given again', collect, [] as string[])
    .option('--other-signer', 'take it although another key signed it than the import it replaces')
    .option('--without-programs', 'store no program of it')
    .option('--without-panels', 'leave panels as they are')
    .option('--draft', 'into your draft in the designer, not deployed')
    .option('--dry-run', 'only tell what it would need and change')
    .option('--comment <text>', 'kept with the version')
    .action(
      async (
        source: string,
        options: {
          set: string[]
          name?: string
          replace?: string
          withoutChanges?: boolean
          decide: string[]
          otherSigner?: boolean
          withoutPrograms?: boolean
          withoutPanels?: boolean
          draft?: boolean
          dryRun?: boolean
          comment?: string
        },
      ) => {
        const api = client()
        const archive = await archiveOf(source)
        const brought = archive ? await bring(api, archive) : await api.call(getTemplate, { params: { templateId: source } })
        const request = {
          version: brought.version,
          parameters: parametersFrom(options.set, brought.parameters),
          keepsChanges: options.withoutChanges !== true,
          ...(options.name === undefined ? {} : { name: options.name }),
          ...(options.replace === undefined ? {} : { replaces: options.replace }),
          ...(options.decide.length ? { decisions: decisionsFrom(options.decide) } : {}),
          ...(options.otherSigner ? { takesOtherSigner: true } : {}),
          ...(options.withoutPrograms ? { withoutPrograms: true } : {}),
          ...(options.withoutPanels ? { withoutPanels: true } : {}),
        }
        const params = { templateId: brought.id }
        if (options.dryRun) {
          const preview = await api.call(previewTemplate, { params, body: request })
          return output().result(preview, previewText(preview))
        }
        const to = options.draft ? ('draft' as const) : ('deploy' as const)
        const made = await api.call(importTemplate, {
          params,
          body: { ...request, to, ...(options.comment === undefined ? {} : { comment: options.comment }) },
        })
        const { import: done, versionId, panelProblems } = made
        const text =
          versionId === undefined
            ? `"${done.name}" is in your draft (${done.id}). Open the designer to look at it and deploy it.`
            : `"${done.name}" is imported and deployed (${done.id}, version ${versionId}).`
        output().result(made, [text, ...panelProblems.map((problem) => `A panel could not be changed: ${problem}`)].join('\n'))
      },
    )
  template
    .command('export <id>')
    .description('makes a template of deployed nodes, signed with the key of this shop')
    .requiredOption('--node <id>', 'a node, tab, group or subflow; may be given again', collect, [] as string[])
    .requiredOption('--name <text>', 'its name')
    .requiredOption('--summary <text>', 'what it does, in a sentence')
    .requiredOption('--readme <file>', 'Markdown: what it does, how to set it up')
    .option('--template-version <version>', 'such as 1.0.0', '1.0.0')
    .option('--category <category>', 'may be given again', collect, [] as string[])
    .option('--parameter <key=node.property>', 'a property that becomes a parameter, :Title behind it; may be given again', collect, [] as string[])
    .option('--suggested', 'machines, connections, programs, characteristics and plans become parameters by themselves')
    .option('--licence <spdx>', 'such as Apache-2.0')
    .option('--out <path>', 'a .cwt file, or a folder (ends with /)')
    .action(
      async (
        id: string,
        options: {
          node: string[]
          name: string
          summary: string
          readme: string
          templateVersion: string
          category: string[]
          parameter: string[]
          suggested?: boolean
          licence?: string
          out?: string
        },
      ) => {
        const api = client()
        const readme = await readFile(options.readme, 'utf8').catch((error: unknown) => {
          throw fileProblem(options.readme, error)
        })
        const { suggestions, programs } = await api.call(previewExport, { body: { nodeIds: options.node, parameters: [] } })
        const named = options.parameter.map((text) => exportParameter(text, suggestions))
        const isNamed = ({ places }: ExportParameter) =>
          named.some((each) => each.places.some(({ nodeId, path }) => places.some((place) => place.nodeId === nodeId && place.path === path)))
        const parameters = [...named, ...(options.suggested ? suggestions.filter((each) => !isNamed(each)) : [])]
        const made = await api.call(exportTemplate, {
          body: {
            nodeIds: options.node,
            parameters,
            id,
            version: options.templateVersion,
            name: options.name,
            summary: options.summary,
            categories: (options.category.length ? options.category : ['production']) as never,
            readme,
            ...(options.licence === undefined ? {} : { licence: options.licence }),
            ...(options.suggested ? {} : { programs }),
          },
        })
        if (options.out !== undefined) await save(options.out, await fileOf(api, id, made.version))
        output().result(
          made,
          `${made.name} ${made.version} is a template now, ${signerText(made.signer)}${options.out === undefined ? '' : `; written to ${options.out}`}.`,
        )
      },
    )
  template
    .command('verify <path>')
    .description('checks a .cwt file or a folder as an import would; needs no server')
    .action(async (path: string) => {
      const kind = await kindOf(path)
      if (!kind) throw new UserError({ code: 'file-missing', message: `There is no file ${path}.` })
      const { content, sealed } = kind === 'folder' ? await openFolder(path) : await (await files()).openArchive(createReadStream(path))
      const { manifest, flow, tests } = content
      const signer = sealed?.signedBy
      output().result(
        { manifest, files: [...content.files.keys()], tests: tests.length, ...(signer ? { signedBy: signer } : {}) },
        `${manifest.name} ${manifest.version}: ${content.files.size} files, ${flow.length} nodes, ${tests.length} tests. ${
          signer
            ? `Signed by ${signer.name}, key ${signer.fingerprint}.`
            : sealed
              ? 'Every file is what its hash says; it is not signed.'
              : 'A folder that nobody has sealed yet.'
        }`,
      )
    })
  template
    .command('remove <import-or-template>')
    .description('takes an import (imp_…) out of the flows again, or a template out of this shop')
    .option('--with-own-work', 'also what others have added on its tabs')
    .action(async (id: string, { withOwnWork = false }: { withOwnWork?: boolean }) => {
      const api = client()
      if (!id.startsWith('imp_')) {
        const gone = await api.call(removeTemplate, { params: { templateId: id } })
        return output().result(gone, `The template "${id}" is not in this shop any more. What was imported from it stays.`)
      }
      const done = await api.call(removeTemplateImport, { params: { importId: id }, body: { withOwnWork } })
      const text = `${done.removed.nodes.length} nodes, ${done.removed.tests} tests and ${done.removed.programs.length} programs are gone.`
      output().result(done, [text, ...done.panelProblems.map((problem) => `A panel could not be changed: ${problem}`)].join('\n'))
    })
}

function decisionsFrom(given: readonly string[]): Record<string, 'ours' | 'theirs'> {
  return Object.fromEntries(
    given.map((text) => {
      const found = /^(.+)=(ours|theirs)$/.exec(text)
      if (!found)
        throw new UserError({ code: 'decision-invalid', message: `"${text}" decides nothing. Write <key>=ours or <key>=theirs, with a key of --dry-run.` })
      return [found[1], found[2] as 'ours' | 'theirs']
    }),
  )
}

async function openFolder(path: string) {
  const { openArchive, packFolder, readFolder, readTemplate } = await files()
  const found = await readFolder(path)
  if (found.has('signature.json')) return openArchive(await packFolder(found))
  return { content: await readTemplate(found), sealed: undefined }
}

async function fileOf(api: Client, id: string, version: string): Promise<Buffer> {
  const { url, token } = api.access
  const path = getTemplateFile.path.replace(':templateId', encodeURIComponent(id))
  const answer = await fetch(`${url}${path}?version=${version}`, { headers: { authorization: `Bearer ${token}` } })
  if (!answer.ok)
    throw new OperationalError({
      code: 'download-failed',
      message: `The template was made, but its file could not be loaded: the server answered ${answer.status}.`,
    })
  return Buffer.from(await answer.arrayBuffer())
}

/** A folder when the path ends like one. @throws UserError file-unusable */
async function save(path: string, archive: Buffer): Promise<void> {
  try {
    if (!path.endsWith('/')) return await writeFile(path, archive)
    const { openArchive, writeFolder } = await files()
    await writeFolder(path, (await openArchive(archive)).content.files)
  } catch (error) {
    throw fileProblem(path, error, 'write')
  }
}
