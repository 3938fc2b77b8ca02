/** One template: what it does, what it needs, who made it, what is in it. */
import { Button } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { ArrowLeft, Download, FolderUp } from 'lucide-react'
import { useEffect, useState } from 'react'
import type { Me } from '../../../server/api/people.ts'
import {
  type TemplateDetail as Detail,
  getTemplate,
  getTemplateFile,
  getTemplatePicture,
  removeTemplate,
  shareTemplate,
  trustTemplatePublisher,
} from '../../../server/api/templates/index.ts'
import { Markdown } from '../../designer/config/markdown.tsx'
import { useFindingText } from '../../designer/deploy/finding-words.ts'
import { type ApiError, call, urlOf } from '../../shared/api.ts'
import { may } from '../../shared/me.ts'
import { formats, useLanguage } from '../../shared/text/index.ts'
import { ThereBadge } from '../gallery/there-badge.tsx'
import { asApiError } from '../use-templates.ts'
import { errorWords, inLanguage, useTemplatesText } from '../words.ts'
import { NeedsList } from './needs-list.tsx'
import { ShareLink } from './share-link.tsx'
import { Signature } from './signature.tsx'

/** One template whole; read again for another id or version. */
export function useDetail(templateId: string, version?: string): { detail: Detail | undefined; error: ApiError | undefined; again: () => void } {
  const [asked, ask] = useState(0)
  const [known, setKnown] = useState<{ detail: Detail | undefined; error: ApiError | undefined }>({ detail: undefined, error: undefined })
  useEffect(() => {
    let isGone = false
    if (asked === 0) setKnown({ detail: undefined, error: undefined })
    call(getTemplate, { params: { templateId }, query: version === undefined ? {} : { version } }).then(
      (detail) => isGone || setKnown({ detail, error: undefined }),
      (error: unknown) => isGone || setKnown({ detail: undefined, error: asApiError(error) }),
    )
    return () => {
      isGone = true
    }
  }, [templateId, version, asked])
  return { ...known, again: () => ask((count) => count + 1) }
}

export function Back({ href, children }: { href: string; children: string }) {
  return (
    <a className="templates-back" href={href} data-testid="back">
      <ArrowLeft size={16} aria-hidden /> {children}
    </a>
  )
}

export interface TemplateDetailProps {
  templateId: string
  me: Me | undefined
  hasSharedFolder: boolean
  onChanged: () => void
  onGone: () => void
}

export function TemplateDetail({ templateId, me, hasSharedFolder, onChanged, onGone }: TemplateDetailProps) {
  const text = useTemplatesText()
  const language = useLanguage()
  const findings = useFindingText()
  const { detail, error, again } = useDetail(templateId)
  if (error)
    return (
      <div className="templates-detail">
        <Back href="#">{text.back}</Back>
        <p role="alert">{errorWords(error, language, findings)}</p>
      </div>
    )
  if (!detail)
    return (
      <div className="templates-detail">
        <Back href="#">{text.back}</Back>
        <div className="templates-skeleton" aria-hidden />
      </div>
    )
  const shown = inLanguage(detail, language)
  const { id, version, name, summary, origin, needs, isMissing, imports } = shown
  const readme = (language === 'de' ? detail.readmeGerman : undefined) ?? detail.readme
  const takeOut = () =>
    call(removeTemplate, { params: { templateId: id }, query: {} }).then(
      () => {
        notifications.show({ message: text.takenOut(name) })
        onChanged()
        onGone()
      },
      (problem: unknown) => notifications.show({ color: 'red', message: errorWords(problem, language, findings) }),
    )
  const failed = (problem: unknown) => notifications.show({ color: 'red', message: errorWords(problem, language, findings) })
  const trust = () => {
    const { name: publisher = '', fingerprint = '' } = shown.signer
    call(trustTemplatePublisher, { body: { name: publisher, fingerprint } }).then(() => {
      notifications.show({ message: text.trust.done(publisher) })
      again()
    }, failed)
  }
  const share = () =>
    call(shareTemplate, { params: { templateId: id }, body: { version } }).then(
      ({ file }) => notifications.show({ message: text.shared.written(file) }),
      failed,
    )
  return (
    <article className="templates-detail" data-testid="template-detail">
      <Back href="#">{text.back}</Back>
      <header className="templates-head">
        <div>
          <h1>{name}</h1>
          <p>{summary}</p>
          <ThereBadge needs={needs} isMissing={isMissing} />
        </div>
        <div className="templates-actions">
          {may(me, 'flows.deploy') && (
            <Button component="a" href={`#t/${encodeURIComponent(id)}/import`} data-testid="import">
              {imports > 0 ? text.importAgain : text.import}
            </Button>
          )}
          <Button
            component="a"
            variant="default"
            href={urlOf(getTemplateFile.path, { params: { templateId: id }, query: { version } })}
            download={`${id}-${version}.cwt`}
            title={text.shareHint}
            leftSection={<Download size={16} aria-hidden />}
            data-testid="share"
          >
            {text.share}
          </Button>
          {may(me, 'flows.deploy') && <ShareLink key={`${id} ${version}`} templateId={id} version={version} />}
          {hasSharedFolder && may(me, 'flows.deploy') && (
            <Button variant="default" onClick={share} leftSection={<FolderUp size={16} aria-hidden />} data-testid="write-shared">
              {text.shared.write}
            </Button>
          )}
          {origin === 'shop' && may(me, 'flows.deploy') && (
            <Button variant="subtle" color="red" onClick={takeOut} data-testid="take-out">
              {text.takeOut}
            </Button>
          )}
        </div>
      </header>
      {me && !may(me, 'flows.deploy') && <p className="templates-dim">{text.mayNotImport}</p>}
      <div className="templates-columns">
        <div>
          <img className="templates-large" src={urlOf(getTemplatePicture.path, { params: { templateId: id }, query: { version } })} alt={text.picture(name)} />
          <section aria-label={text.manual} className="templates-manual" data-testid="manual">
            <Markdown source={withoutTitle(readme)} />
          </section>
        </div>
        <aside aria-label={text.needs}>
          <h2>{text.needs}</h2>
          {needs.length === 0 ? <p>{text.needsNothing}</p> : <NeedsList needs={needs} />}
          <h2>{text.signature}</h2>
          <Signature signer={shown.signer} {...(may(me, 'flows.deploy') ? { onTrust: trust } : {})} />
          <Facts detail={shown} />
          <h2>{text.tests}</h2>
          <p className="templates-dim">{detail.testCases.length === 0 ? text.testsNone : text.testsHint}</p>
          <ul className="templates-lines">
            {detail.testCases.map(({ name: test, steps, expect }, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: two tests may be called alike
              <li key={`${test} ${index}`}>
                {test} <span className="templates-dim">{text.steps(steps.length, expect.length)}</span>
              </li>
            ))}
          </ul>
          <Parameters detail={shown} />
          <Files detail={detail} />
        </aside>
      </div>
    </article>
  )
}

/** The page says the name already. */
const withoutTitle = (readme: string): string => readme.replace(/^\s*#\s[^\n]*\n/, '')

function Facts({ detail }: { detail: Detail }) {
  const text = useTemplatesText()
  const language = useLanguage()
  const format = formats(language)
  const { facts } = text
  const older = detail.versions.filter((each) => each !== detail.version)
  const lines: [string, string | false | undefined][] = [
    [facts.version, detail.version],
    [facts.older, older.length > 0 && older.join(', ')],
    [facts.author, detail.author],
    [facts.licence, detail.licence],
    [facts.origin, text.origins[detail.origin]],
    [facts.brought, detail.at !== undefined && `${detail.by ?? ''}, ${format.dateTime(detail.at)}`],
    [facts.nodes, format.number(detail.nodes)],
    [facts.takes, text.takes[detail.takes]],
  ]
  return (
    <dl className="templates-facts">
      {lines.map(
        ([title, value]) =>
          value && (
            <div key={title}>
              <dt>{title}</dt>
              <dd>{value}</dd>
            </div>
          ),
      )}
    </dl>
  )
}

function Parameters({ detail }: { detail: Detail }) {
  const text = useTemplatesText()
  const all = Object.entries(detail.parameters.properties)
  if (all.length === 0) return null
  return (
    <>
      <h2>{text.parameters}</h2>
      <ul className="templates-lines">
        {all.map(([key, { title, unit }]) => (
          <li key={key}>
            {title}
            {unit && <span className="templates-dim"> ({unit})</span>}
          </li>
        ))}
      </ul>
    </>
  )
}

function Files({ detail: { files } }: { detail: Detail }) {
  const text = useTemplatesText()
  const format = formats(useLanguage())
  return (
    <details className="templates-files">
      <summary>{text.files(files.length)}</summary>
      <ul>
        {files.map(({ path, bytes, sha256 }) => (
          <li key={path}>
            <span>{path}</span> <span className="templates-dim">{format.bytes(bytes)}</span>
            <code title="SHA-256">{sha256.slice(0, 16)}…</code>
          </li>
        ))}
      </ul>
    </details>
  )
}
