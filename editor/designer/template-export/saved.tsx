/** What became of it: signed and in the gallery; as a file, into the shared folder. */
import { Button } from '@mantine/core'
import { Check, Download, FolderUp, LayoutGrid, ShieldCheck } from 'lucide-react'
import { useState } from 'react'
import { getTemplateFile, getTemplatePicture, shareTemplate, type TemplateDetail } from '../../../server/api/templates/index.ts'
import { call, urlOf } from '../../shared/api.ts'
import { ShareLink } from '../../templates/detail/share-link.tsx'
import { errorWords, useFindingText } from '../deploy/finding-words.ts'
import { useExportText } from './text.ts'

type Sharing = { is: 'not' } | { is: 'writing' } | { is: 'written'; file: string } | { is: 'failed'; why: string }

export function Saved({ template, sharedFolder, onClose }: { template: TemplateDetail; sharedFolder: string | undefined; onClose: () => void }) {
  const text = useExportText()
  const words = text.saved
  const findings = useFindingText()
  const [sharing, setSharing] = useState<Sharing>({ is: 'not' })
  const { id, version, name, signer } = template
  const share = () => {
    setSharing({ is: 'writing' })
    call(shareTemplate, { params: { templateId: id }, body: { version } }).then(
      ({ file }) => setSharing({ is: 'written', file }),
      (error: unknown) => setSharing({ is: 'failed', why: errorWords(findings, error) }),
    )
  }
  return (
    <div className="export-saved" data-testid="export-saved">
      <img src={urlOf(getTemplatePicture.path, { params: { templateId: id }, query: { version } })} alt={words.picture(name)} />
      <h3>
        <Check size={20} aria-hidden /> {words.title(name, version)}
      </h3>
      <p>{words.text}</p>
      <p className="export-signer">
        <ShieldCheck size={16} aria-hidden /> {words.signed(signer.name ?? '')} <code>{signer.fingerprint}</code>
      </p>
      <div className="form-line">
        <Button
          component="a"
          href={urlOf(getTemplateFile.path, { params: { templateId: id }, query: { version } })}
          download
          leftSection={<Download size={16} aria-hidden />}
          data-testid="export-download"
        >
          {words.download}
        </Button>
        <ShareLink templateId={id} version={version} />
        {sharedFolder !== undefined && (
          <Button
            variant="default"
            leftSection={<FolderUp size={16} aria-hidden />}
            onClick={share}
            loading={sharing.is === 'writing'}
            data-testid="export-share"
          >
            {words.share}
          </Button>
        )}
        <Button
          component="a"
          variant="default"
          href={`/templates#t/${encodeURIComponent(id)}`}
          leftSection={<LayoutGrid size={16} aria-hidden />}
          data-testid="export-gallery"
        >
          {words.gallery}
        </Button>
        <Button variant="subtle" onClick={onClose}>
          {words.close}
        </Button>
      </div>
      {sharing.is === 'written' && <p role="status">{words.shared(sharing.file, sharedFolder ?? '')}</p>}
      {sharing.is === 'failed' && (
        <p className="form-error" role="alert">
          {sharing.why}
        </p>
      )}
    </div>
  )
}
