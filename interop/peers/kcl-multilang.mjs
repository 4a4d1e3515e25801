// A KCL application in Node.js: AWS's MultiLangDaemon runs record processors that use this package.
import { KinesisClient } from '@aws-sdk/client-kinesis'
import { startKinesis } from '../../scripts/kinesis-local.mjs'
import { insideAggregate } from '../kcl-multilang/inside.mjs'
import { LeaseTables } from '../kcl-multilang/lease-table.mjs'
import { reaggregate, reshardAndKill } from '../kcl-multilang/reaggregate.mjs'
import { checkedSpanning, uncheckedSpanning } from '../kcl-multilang/spanning.mjs'
import { installMultiLang, versionIn } from '../lib/install.mjs'

export const about = {
  peer: 'KCL for Node.js',
  package: 'software.amazon.kinesis:amazon-kinesis-client-multilang, aws-kcl',
  version: [
    versionIn('../examples/kcl/pom.xml', /amazon-kinesis-client-multilang<\/artifactId>\s*<version>(.+?)</),
    versionIn('../package.json', /"aws-kcl": "(.+?)"/)
  ].join(', ')
}

export async function check(count, { quick = false } = {}) {
  const { work, jars, require } = installMultiLang()
  const kinesis = await startKinesis()
  const tables = await LeaseTables.start(require)
  const client = new KinesisClient(kinesis.clientOptions)
  const services = { folder: work, jars, kinesis, tables, client }
  try {
    const results = [await reaggregate(services, count * 5)]
    if (!quick) {
      results.push(await reshardAndKill(services, count * 5))
      results.push(await insideAggregate(services))
      results.push(await checkedSpanning(services), await uncheckedSpanning(services))
    }
    return results
  } finally {
    client.destroy()
    await tables.stop()
    await kinesis.stop()
  }
}
