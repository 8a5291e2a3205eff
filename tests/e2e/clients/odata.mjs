/* Reads the feed with the two clients of npm, by Basic, and says what they found. Their packages are those of tools/frontend. */
import { createRequire } from "node:module";

const require = createRequire(process.env.LOOP_NODE_MODULES);
const { o } = require("odata");
const { OData } = require("@odata/client");

const feed = `${process.env.LOOP_URL}/reporting/odata/v4/`;
const [user, password] = [process.env.LOOP_CLIENT_ID, process.env.LOOP_CLIENT_SECRET];
const found = {};

const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
const plain = o(feed, { headers: { Authorization: authorization, Prefer: "odata.maxpagesize=100" } });
const areas = await plain.get("ServiceAreas").query({ $select: "service_area,label", $orderby: "service_area" });
found.odata = areas.map((each) => each.service_area);
const grouped = await plain
  .get("Questions")
  .query({ $apply: "groupby((questionnaire),aggregate($count as n))", $orderby: "questionnaire" });
found.grouped = Object.fromEntries(grouped.map((each) => [each.questionnaire, each.n]));

const client = OData.New4({ serviceEndpoint: feed, credential: { username: user, password } });
const filter = client.newFilter().property("service_area").eq("send");
const answer = await client.newRequest({ collection: "Teams", params: client.newParam().filter(filter).top(3) });
found.client = answer.value.map((each) => each.service_area);

process.stdout.write(JSON.stringify(found));
