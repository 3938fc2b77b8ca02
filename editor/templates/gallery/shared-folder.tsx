/** What lies in the folder that several shops share and is not here yet. */
import { Button } from '@mantine/core'
import { FolderOpen } from 'lucide-react'
import { useState } from 'react'
import { bringSharedTemplate, type SharedTemplate, type TemplateDetail } from '../../../server/api/templates/index.ts'
import { useFindingText } from '../../designer/deploy/finding-words.ts'
import { call } from '../../shared/api.ts'
import { useLanguage } from '../../shared/text/index.ts'
import type { Shared } from '../use-templates.ts'
import { errorWords, type TemplatesText, useTemplatesText } from '../words.ts'

export interface SharedFolderProps {
  shared: Shared | undefined
  mayBring: boolean
  onBrought: (template: TemplateDetail) => void
}

export function SharedFolder({ shared, mayBring, onBrought }: SharedFolderProps) {
  const text = useTemplatesText()
  const words = text.shared
  const language = useLanguage()
  const findings = useFindingText()
  const [failure, setFailure] = useState<string>()
  if (shared?.folder === undefined) return null
  const bring = ({ file }: SharedTemplate) =>
    call(bringSharedTemplate, { body: { file } }).then(onBrought, (error: unknown) => setFailure(errorWords(error, language, findings)))
  return (
    <details className="templates-shared" open={shared.templates.some(({ isHere }) => !isHere)} data-testid="shared-folder">
      <summary>
        <FolderOpen size={16} aria-hidden /> {words.title} ({shared.templates.length})
      </summary>
      <p className="templates-dim">{words.hint(shared.folder)}</p>
      {(failure ?? shared.problem) !== undefined && (
        <p className="templates-problem" role="alert">
          {failure ?? shared.problem}
        </p>
      )}
      {shared.templates.length === 0 && shared.problem === undefined && <p>{words.none}</p>}
      <ul className="templates-lines">
        {shared.templates.map((each) => (
          <li key={each.file}>
            <strong>{each.name ?? each.file}</strong> {each.version} <span className="templates-dim">{each.problem ?? signerWords(text, each)}</span>
            {each.isHere ? (
              <span className="templates-dim"> · {words.isHere}</span>
            ) : (
              mayBring &&
              each.problem === undefined && (
                <Button variant="default" size="compact-sm" onClick={() => bring(each)} data-testid={`bring-${each.file}`}>
                  {words.bring}
                </Button>
              )
            )}
          </li>
        ))}
      </ul>
    </details>
  )
}

function signerWords(text: TemplatesText, { signer }: SharedTemplate): string {
  if (!signer) return ''
  const said = text.signers[signer.state]
  return typeof said === 'string' ? said : said(signer.name ?? '')
}
