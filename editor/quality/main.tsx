/** The page of quality. */
import { mountPage } from '../shared/theme.tsx'
import { QualityPage } from './quality-page.tsx'

mountPage(<QualityPage />)
