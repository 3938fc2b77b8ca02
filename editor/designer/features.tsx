/** The areas of the designer: each adds its actions, panels and layers while the page is there. One line an area. */
import type { ReactNode } from 'react'
import { PanelsFeature } from './panels/panels-feature.tsx'

export const FEATURES: readonly { name: string; Feature: () => ReactNode }[] = [{ name: 'panels', Feature: PanelsFeature }]
