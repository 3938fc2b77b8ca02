/** What can be had of a characteristic as a file: its chart, capability and measurements on paper and as tables, and AQDEF. */
import { Button, Menu } from '@mantine/core'
import { ChevronDown, FileDown, FileSpreadsheet, FileText } from 'lucide-react'
import { CHARACTERISTIC_REPORTS, exportAqdef, getCharacteristicReport } from '../../../server/api/quality/index.ts'
import { urlOf } from '../../shared/api.ts'
import { useLanguage } from '../../shared/text/index.ts'
import { useFormats } from '../use-quality-text.ts'
import { useFilesText } from './words.ts'

/** A chart of more is a bar of ink; the tables have more. */
const POINTS = 200
const ROWS = 10_000
const FORMATS = ['pdf', 'csv'] as const

export function ReportMenu({ id }: { id: string }) {
  const text = useFilesText()
  const language = useLanguage()
  const format = useFormats()
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button
          variant="default"
          leftSection={<FileDown size={16} aria-hidden />}
          rightSection={<ChevronDown size={14} aria-hidden />}
          data-testid="report-menu"
        >
          {text.menu}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {CHARACTERISTIC_REPORTS.flatMap((report) =>
          FORMATS.map((kind) => {
            const last = report === 'chart' && kind === 'pdf' ? POINTS : report === 'measurements' && kind === 'pdf' ? 1000 : ROWS
            const name = text[kind](text[report])
            return (
              <Menu.Item
                key={`${report}-${kind}`}
                component="a"
                href={urlOf(getCharacteristicReport.path, { params: { id, report }, query: { format: kind, language, last } })}
                download
                leftSection={kind === 'pdf' ? <FileText size={16} aria-hidden /> : <FileSpreadsheet size={16} aria-hidden />}
                data-testid={`report-${report}-${kind}`}
              >
                {name}
                {report === 'chart' && kind === 'pdf' && <small> · {text.points(format.number(POINTS))}</small>}
              </Menu.Item>
            )
          }),
        )}
        <Menu.Divider />
        <Menu.Item
          component="a"
          href={urlOf(exportAqdef.path, { query: { ids: id } })}
          download
          leftSection={<FileText size={16} aria-hidden />}
          data-testid="report-aqdef"
        >
          {text.aqdef}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
