//! Finding the right instrument in a minute: Chinese words, traits, prices, counts (Art. 9, 15.2).

use serde_json::{Value, json};

use crate::harness::{Account, World, id, multipart};
use crate::on_both_stores;

on_both_stores!(
    chinese_words_of_any_length_are_found,
    what_is_named_so_comes_before_what_mentions_it,
    words_and_traits_go_together,
    what_is_found_is_counted_by_its_traits,
    results_are_read_page_by_page_in_every_order,
    no_hit_is_lost_by_a_wrong_count,
    frequent_and_rare_words_are_found_among_many_entries,
    changes_are_found_at_once,
    instruments_and_facilities_are_searched_too,
    strange_texts_find_nothing_and_break_nothing,
    what_was_entered_before_the_index_is_indexed,
);

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

async fn found(world: &World, query: &str) -> Vec<String> {
    world.ids(&format!("/services?q={}", encoded(query))).await
}

async fn service(world: &World, facility: &Account, name: &str, more: Value) -> String {
    world.service_with(facility, crate::harness::with(json!({ "name": name, "purpose": "材料研究" }), more)).await
}

async fn chinese_words_of_any_length_are_found(world: World) {
    let facility = world.facility().await;
    let mass = service(&world, &facility, "高分辨液相色谱-质谱联用(LC-MS)分析", json!({})).await;
    let tem = service(&world, &facility, "JEM-F200 透射电镜", json!({ "purpose": "微观形貌,ＸＲＤ 物相" })).await;
    for (query, expected) in [
        ("质谱", vec![&mass]),
        ("质", vec![&mass]),
        ("析", vec![&mass]),
        ("高分辨液相色谱", vec![&mass]),
        ("质谱 色谱", vec![&mass]),
        ("lc-ms", vec![&mass]),
        ("ＬＣ", vec![&mass]),
        ("jem-f2", vec![&tem]),
        ("电镜", vec![&tem]),
        ("xrd", vec![&tem]),
        ("材料", vec![&mass]),
        ("质谱 电镜", vec![]),
        ("谱质", vec![]),
        ("光谱", vec![]),
        ("200", vec![]),
    ] {
        let expected: Vec<String> = expected.into_iter().cloned().collect();
        assert_eq!(found(&world, query).await, expected, "{query}");
    }
    assert_eq!(found(&world, " ").await, [tem, mass], "blanks ask for nothing");
}

async fn what_is_named_so_comes_before_what_mentions_it(world: World) {
    let facility = world.facility().await;
    let older = service(&world, &facility, "质谱成分分析", json!({})).await;
    let newer = service(&world, &facility, "气相质谱测试", json!({})).await;
    let mentions =
        service(&world, &facility, "样品前处理", json!({ "purpose": "为质谱分析制样", "price_fen": 1 })).await;
    assert_eq!(found(&world, "质谱").await, [&newer, &older, &mentions].map(Clone::clone));
    let q = encoded("质谱");
    assert_eq!(
        world.ids(&format!("/services?q={q}&order=newest")).await,
        [&mentions, &newer, &older].map(Clone::clone)
    );
    assert_eq!(world.ids(&format!("/services?q={q}&order=price")).await, [&mentions, &newer, &older].map(Clone::clone));
    assert_eq!(world.ids("/services?order=price").await, [mentions, newer, older]);
    world.get("/services?order=best").send().await.refused_field("order");
}

async fn words_and_traits_go_together(world: World) {
    let near = world.facility().await;
    let far = world.facility_with(json!({ "district": "怀柔区" })).await;
    let one = service(&world, &near, "质谱分析", json!({ "price_fen": 50_000 })).await;
    let other = service(&world, &far, "质谱分析", json!({ "field": "medicine_health", "kind": "analysis" })).await;
    service(&world, &far, "光谱分析", json!({})).await;
    let q = encoded("质谱");
    for (query, expected) in [
        (format!("q={q}&district={}", encoded("怀柔区")), vec![&other]),
        (format!("q={q}&field=new_materials"), vec![&one]),
        (format!("q={q}&kind=analysis"), vec![&other]),
        (format!("q={q}&max_price_fen=79999"), vec![&one]),
        (format!("q={q}&facility_id={}", far.organization_id), vec![&other]),
        (format!("q={q}&facility_id={}&max_price_fen=1", far.organization_id), vec![]),
    ] {
        let expected: Vec<String> = expected.into_iter().cloned().collect();
        assert_eq!(world.ids(&format!("/services?{query}")).await, expected, "{query}");
    }
}

async fn what_is_found_is_counted_by_its_traits(world: World) {
    let near = world.facility().await;
    let far = world.facility_with(json!({ "district": "怀柔区" })).await;
    // The bands end at 1 000, 10 000 and 50 000 yuan, each included.
    for (price_fen, facility, field) in [
        (1, &near, "new_materials"),
        (100_000, &near, "new_materials"),
        (100_001, &near, "medicine_health"),
        (1_000_000, &far, "new_materials"),
        (1_000_001, &far, "new_materials"),
        (5_000_000, &far, "new_materials"),
        (5_000_001, &far, "new_materials"),
    ] {
        service(&world, facility, "质谱分析", json!({ "price_fen": price_fen, "field": field })).await;
    }
    service(&world, &near, "光谱分析", json!({})).await;
    let page = world.get(&format!("/services?q={}&facets=true&limit=1", encoded("质谱"))).send().await.expect(200);
    let expected = json!({
        "total": 7,
        "field": [{ "value": "new_materials", "count": 6 }, { "value": "medicine_health", "count": 1 }],
        "kind": [{ "value": "testing", "count": 7 }],
        "district": [{ "value": "怀柔区", "count": 4 }, { "value": "海淀区", "count": 3 }],
        "price": [
            { "above_fen": 0, "up_to_fen": 100_000, "count": 2 },
            { "above_fen": 100_000, "up_to_fen": 1_000_000, "count": 2 },
            { "above_fen": 1_000_000, "up_to_fen": 5_000_000, "count": 2 },
            { "above_fen": 5_000_000, "count": 1 }
        ]
    });
    assert_eq!((&page["facets"], page["items"].as_array().unwrap().len()), (&expected, 1));
    let narrowed = world.get("/services?facets=true&field=medicine_health").send().await.expect(200);
    assert_eq!(narrowed["facets"]["total"], 1);
    let all = world.get("/services?facets=true").send().await.expect(200);
    assert_eq!(all["facets"]["total"], 8);
    assert_eq!(world.get("/services").send().await.expect(200).get("facets"), None);
}

/// All that a search finds, read in parts of so many.
async fn leafed(world: &World, query: &str, limit: usize) -> Vec<Value> {
    let (mut read, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = world.get(&format!("/services?limit={limit}&{query}{cursor}")).send().await.expect(200);
        read.extend_from_slice(page["items"].as_array().unwrap());
        let Some(next) = page["next_cursor"].as_str() else { return read };
        cursor = format!("&cursor={next}");
    }
}

async fn leafed_ids(world: &World, query: &str) -> Vec<String> {
    leafed(world, query, 2).await.iter().map(id).collect()
}

async fn results_are_read_page_by_page_in_every_order(world: World) {
    let facility = world.facility().await;
    // At the ends of the bands that prices are counted in, and beyond them; some the same.
    let prices_fen = [1_000, 100_000, 100_001, 100_000, 1_000_000, 5_000_000, 5_000_001, 5_000_001, 100_000];
    for (number, price_fen) in prices_fen.into_iter().enumerate() {
        let (name, purpose) = if number % 2 == 0 { ("质谱", "分析") } else { ("分析", "用质谱") };
        world.service_with(&facility, json!({ "name": name, "purpose": purpose, "price_fen": price_fen })).await;
    }
    let q = encoded("质谱");
    for order in ["relevance", "newest", "price"] {
        for query in [format!("q={q}&order={order}"), format!("order={order}")] {
            let whole = world.ids(&format!("/services?{query}")).await;
            assert_eq!(whole.len(), 9, "{query}");
            assert_eq!(leafed_ids(&world, &query).await, whole, "{query}");
            // Counted as well, the same is found, and every part counts all of it.
            let counted = format!("{query}&facets=true");
            assert_eq!(leafed_ids(&world, &counted).await, whole, "{counted}");
            let first = world.get(&format!("/services?{counted}&limit=2")).send().await.expect(200);
            let alone = world.get(&format!("/services?q={q}&facets=true")).send().await.expect(200);
            assert_eq!((&first["facets"], &first["facets"]["total"]), (&alone["facets"], &json!(9)), "{counted}");
            let cursor = first["next_cursor"].as_str().unwrap();
            let next = world.get(&format!("/services?{counted}&limit=2&cursor={cursor}")).send().await.expect(200);
            assert_eq!(next["facets"], alone["facets"], "{counted}");
        }
    }
    let page = world.get(&format!("/services?q={q}&limit=2")).send().await.expect(200);
    let cursor = page["next_cursor"].as_str().unwrap();
    world.get(&format!("/services?q={q}&order=price&cursor={cursor}")).send().await.refused_field("cursor");
    world.get("/services?cursor=x").send().await.refused_field("cursor");
}

async fn no_hit_is_lost_by_a_wrong_count(world: World) {
    let facility = world.facility().await;
    for price_fen in [200_000, 300_000, 400_000] {
        world.service_with(&facility, json!({ "name": "质谱", "price_fen": price_fen })).await;
    }
    // Counted as cheaper than they are.
    world.spoil("UPDATE catalogue_facets SET facets = replace(facets, '\u{1f}1\u{1f}', '\u{1f}0\u{1f}')");
    let query = format!("q={}&order=price", encoded("质谱"));
    let whole = world.ids(&format!("/services?{query}")).await;
    assert_eq!(whole.len(), 3);
    let counted = world.get(&format!("/services?{query}&facets=true&limit=1")).send().await.expect(200);
    assert_eq!(counted["facets"]["price"][0]["up_to_fen"], 100_000);
    assert_eq!(leafed_ids(&world, &format!("{query}&facets=true")).await, whole);
}

/// Hits are sought among the nearest entries first, and among all where these have too few: of every word,
/// frequent or rare, all hits come in their order.
async fn frequent_and_rare_words_are_found_among_many_entries(world: World) {
    const ENTRIES: usize = 400;
    let facility = world.facility().await;
    let price_yuan = |number: usize| number * 7 % 40 + 1;
    let words = |number: usize| {
        let rare = if number % 90 == 5 { "罕见" } else { "" };
        let some = if number.is_multiple_of(10) { "偶见" } else { "" };
        ["质谱", rare, some].concat()
    };
    let mut table = "服务名称,服务内容,服务领域,服务类型,单价(元),计价单位,服务周期(天)\n".to_owned();
    for number in 0..ENTRIES {
        let words = words(number);
        let (name, purpose) =
            if number.is_multiple_of(2) { (words.as_str(), "分析") } else { ("分析", words.as_str()) };
        table.push_str(&format!("{name}第 {number:03} 号,{purpose},新材料,分析,{},样,5\n", price_yuan(number)));
    }
    let (kind, body) = multipart("file", "价格表.csv", table.as_bytes());
    world.post("/me/facility/services/import").by(&facility).raw(&kind, body).send().await.expect(200);
    // Some of the newest are offered no more.
    let is_offered = |number: usize| number < 300 || !number.is_multiple_of(7);
    for item in leafed(&world, "order=newest", 100).await {
        if !is_offered(numbers(std::slice::from_ref(&item))[0]) {
            let path = format!("/me/facility/services/{}", id(&item));
            world.delete(&path).by(&facility).header("if-match", "*").send().await.expect(204);
        }
    }
    for word in ["质谱", "偶见", "罕见"] {
        let is_hit = |number: &usize| is_offered(*number) && words(*number).contains(word);
        let newest: Vec<usize> = (0..ENTRIES).rev().filter(is_hit).collect();
        let mut relevant = newest.clone();
        relevant.sort_by_key(|number| number % 2);
        let mut cheapest = newest.clone();
        cheapest.sort_by_key(|number| price_yuan(*number));
        for (order, expected) in [("newest", newest), ("relevance", relevant), ("price", cheapest)] {
            let query = format!("q={}&order={order}", encoded(word));
            assert_eq!(numbers(&leafed(&world, &query, 2).await), expected, "{query}");
            let counted = format!("{query}&facets=true");
            assert_eq!(numbers(&leafed(&world, &counted, 100).await), expected, "{counted}");
            let bounded = format!("{query}&max_price_fen=2000");
            let cheap: Vec<usize> = expected.into_iter().filter(|number| price_yuan(*number) <= 20).collect();
            assert_eq!(numbers(&leafed(&world, &bounded, 100).await), cheap, "{bounded}");
        }
    }
}

/// The numbers in the names of what was found.
fn numbers(found: &[Value]) -> Vec<usize> {
    let number = |item: &Value| item["name"].as_str()?.split(' ').nth(1)?.parse().ok();
    found.iter().map(|item| number(item).unwrap()).collect()
}

async fn changes_are_found_at_once(world: World) {
    let facility = world.facility().await;
    let changed = service(&world, &facility, "质谱分析", json!({})).await;
    let path = format!("/me/facility/services/{changed}");
    let change = json!({ "name": "光谱分析", "price_fen": 5 });
    world.patch(&path).by(&facility).header("if-match", "*").json(change).send().await.expect(200);
    assert!(found(&world, "质谱").await.is_empty());
    assert_eq!(found(&world, "光谱").await, [changed.as_str()]);
    assert_eq!(world.ids("/services?max_price_fen=5").await, [changed.as_str()]);
    world.delete(&path).by(&facility).send().await.expect(204);
    assert!(found(&world, "光谱").await.is_empty());
    let counted = world.get("/services?facets=true").send().await.expect(200);
    assert_eq!(counted["facets"]["total"], 0);
}

async fn instruments_and_facilities_are_searched_too(world: World) {
    let one = world.facility_with(json!({ "name": "北京市理化分析测试中心" })).await;
    let other = world.facility_with(json!({ "name": "北京超级计算中心", "district": "昌平区" })).await;
    let microscope = world.instrument_with(&one, json!({ "name": "三重四极杆质谱仪", "category": "质谱仪" })).await;
    let camera =
        world.instrument_with(&other, json!({ "name": "高速相机", "maker": "Vision 质谱", "category": "光学" })).await;
    let q = encoded("质谱");
    assert_eq!(world.ids(&format!("/instruments?q={q}")).await, [microscope.clone(), camera]);
    assert_eq!(world.ids(&format!("/instruments?q=jeol&category={}", encoded("质谱仪"))).await, [microscope]);
    let counted = world.get("/instruments?facets=true").send().await.expect(200);
    assert_eq!(counted["facets"]["category"].as_array().unwrap().len(), 2);
    world.get("/instruments?order=price").send().await.refused_field("order");
    let facilities = async |query: &str| world.ids(&format!("/facilities?q={}", encoded(query))).await;
    assert_eq!(facilities("超级计算").await, [other.organization_id.as_str()]);
    assert_eq!(facilities("四极杆").await, [one.organization_id.as_str()], "by what it opens");
    assert!(facilities("不存在").await.is_empty());
    let counted = world.get("/facilities?facets=true").send().await.expect(200);
    let districts = json!([{ "value": "昌平区", "count": 1 }, { "value": "海淀区", "count": 1 }]);
    let mut told = counted["facets"]["district"].as_array().unwrap().clone();
    told.sort_by_key(|facet| facet["value"] != "昌平区");
    assert_eq!((&counted["facets"]["total"], json!(told)), (&json!(2), districts));
}

async fn strange_texts_find_nothing_and_break_nothing(world: World) {
    service(&world, &world.facility().await, "质谱分析", json!({})).await;
    for strange in ["、。", "\"", "'", "*", "((", "^:-", "\u{e000}", "🙂", "काम क्षि", "a\u{0}b"] {
        world.get(&format!("/services?q={}", encoded(strange))).send().await.refused_field("q");
    }
    for strange in ["x\" OR \"质谱", "质谱' | 'x", "NOT 质谱", "e\u{301}é", "𠀀𠀁", "ﾊﾟ", "NEAR(a b)"] {
        assert!(found(&world, strange).await.is_empty(), "{strange}");
    }
    let long = encoded(&"质".repeat(201));
    world.get(&format!("/services?q={long}")).send().await.refused_field("q");
    let many = (0..45).map(|number| format!("w{number}")).collect::<Vec<_>>().join(" ");
    assert!(found(&world, &many).await.is_empty());
    world.get("/services?facets=perhaps").send().await.refused_field("facets");
}

async fn what_was_entered_before_the_index_is_indexed(world: World) {
    use voucher_storage::facility::Service;

    let facility = world.facility().await;
    let old = service(&world, &facility, "质谱分析", json!({})).await;
    let old_id = old.parse().unwrap();
    let forgotten = world.program.transact(|call| {
        let row = Service::find(call.tx, old_id)?.unwrap();
        Ok(Service::save(call.tx, &Service { terms: None, ..row })?)
    });
    forgotten.unwrap();
    assert!(found(&world, "质谱").await.is_empty());
    assert_eq!(innovation_voucher::services::catalogue::index(&world.program).unwrap(), 1);
    assert_eq!(found(&world, "质谱").await, [old]);
}
