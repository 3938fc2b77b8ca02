/** Templates: the gallery, one of them, importing it, and what was imported. What is shown stands in the address. */
import '../designer/panels/panels.css'
import './templates.css'
import { Button } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { Link2 } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import type { Template } from '../../server/api/templates/index.ts'
import { useFindingText } from '../designer/deploy/finding-words.ts'
import { Frame } from '../shared/frame.tsx'
import { may, useMe } from '../shared/me.ts'
import { formats, useLanguage } from '../shared/text/index.ts'
import { useHash } from '../shared/use-hash.ts'
import { TemplateDetail } from './detail/template-detail.tsx'
import { FromAddress } from './gallery/from-address.tsx'
import { Gallery } from './gallery/gallery.tsx'
import { SharedFolder } from './gallery/shared-folder.tsx'
import { DropZone, UploadButton, UploadOutcome, useUpload } from './gallery/upload.tsx'
import { ImportPage } from './import/import-page.tsx'
import { Imported } from './imported/imported.tsx'
import { type Known, useTemplates } from './use-templates.ts'
import { errorWords, inLanguage, useTemplatesText } from './words.ts'

/** The part behind `#`: empty. */
const GALLERY = '#'

type Shown = { is: 'gallery' } | { is: 'imported' } | { is: 'one'; id: string } | { is: 'import'; id: string } | { is: 'update'; importId: string }

function shownBy(hash: string): Shown {
  const [what = '', id = '', part] = hash.split('/').map(decodeURIComponent)
  if (what === 't' && id) return part === 'import' ? { is: 'import', id } : { is: 'one', id }
  if (what === 'imported') return id ? { is: 'update', importId: id } : { is: 'imported' }
  return { is: 'gallery' }
}

export function TemplatesPage() {
  const text = useTemplatesText()
  const { me } = useMe()
  const known = useTemplates()
  const [hash, go] = useHash()
  const [isFetching, setFetching] = useState(false)
  const language = useLanguage()
  const brought = (template: Template) => {
    notifications.show({ message: text.uploaded(inLanguage(template, language).name, template.version) })
    setFetching(false)
    known.refresh()
    go(`t/${encodeURIComponent(template.id)}`)
  }
  const upload = useUpload(brought)
  const shown = shownBy(hash)
  const mayImport = may(me, 'flows.deploy')
  return (
    <Frame page="templates">
      <DropZone take={upload.take} isOn={mayImport}>
        {shown.is === 'gallery' || shown.is === 'imported' ? (
          <Lists known={known} shown={shown.is}>
            {mayImport && (
              <>
                <Button variant="default" leftSection={<Link2 size={16} aria-hidden />} onClick={() => setFetching(true)} data-testid="from-address">
                  {text.fromAddress.open}
                </Button>
                <UploadButton take={upload.take} />
              </>
            )}
          </Lists>
        ) : null}
        <UploadOutcome state={upload.state} onDismiss={upload.dismiss} />
        <Content shown={shown} known={known} go={go} onBrought={brought} />
        {isFetching && <FromAddress onBrought={brought} onClose={() => setFetching(false)} />}
      </DropZone>
    </Frame>
  )
}

function Lists({ known: { imports }, shown, children }: { known: Known; shown: 'gallery' | 'imported'; children: ReactNode }) {
  const text = useTemplatesText()
  const format = formats(useLanguage())
  return (
    <header className="templates-top">
      <h1>{text.title}</h1>
      <nav aria-label={text.tabs.label}>
        <a href={GALLERY} aria-current={shown === 'gallery' ? 'page' : undefined}>
          {text.tabs.gallery}
        </a>
        <a href="#imported" aria-current={shown === 'imported' ? 'page' : undefined} data-testid="to-imported">
          {text.tabs.imported(format.number(imports?.length ?? 0))}
        </a>
      </nav>
      {children}
    </header>
  )
}

interface ContentProps {
  shown: Shown
  known: Known
  go: (hash: string) => void
  onBrought: (template: Template) => void
}

function Content({ shown, known, go, onBrought }: ContentProps) {
  const text = useTemplatesText()
  const language = useLanguage()
  const findings = useFindingText()
  const { me } = useMe()
  const { templates, imports, shared, error, refresh } = known
  if (error && !templates)
    return (
      <p className="templates-problem" role="alert">
        {errorWords(error, language, findings)}
      </p>
    )
  if (!templates || !imports) return <div className="templates-skeleton" aria-hidden />
  switch (shown.is) {
    case 'gallery':
      return (
        <>
          <SharedFolder shared={shared} mayBring={may(me, 'flows.deploy')} onBrought={onBrought} />
          <Gallery templates={templates} />
        </>
      )
    case 'imported':
      return <Imported imports={imports} templates={templates} me={me} onChanged={refresh} />
    case 'one':
      return (
        <TemplateDetail key={shown.id} templateId={shown.id} me={me} hasSharedFolder={shared?.folder !== undefined} onChanged={refresh} onGone={() => go('')} />
      )
    case 'import':
      return <ImportPage key={shown.id} templateId={shown.id} onDone={refresh} />
    case 'update': {
      const one = imports.find(({ id }) => id === shown.importId)
      return one ? (
        <ImportPage key={one.id} templateId={one.templateId} replaces={one} onDone={refresh} />
      ) : (
        <p className="templates-problem">{text.notFound}</p>
      )
    }
    default:
      return shown satisfies never
  }
}
