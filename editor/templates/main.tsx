/** The page of templates. */
import { mountPage } from '../shared/theme.tsx'
import { TemplatesPage } from './templates-page.tsx'

mountPage(<TemplatesPage />)
