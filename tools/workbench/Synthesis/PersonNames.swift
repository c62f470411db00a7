// Names as archives have them: a few very often, many once, some in other scripts with the character set to match.

/// A name and the Specific Character Set that its data sets are in.
struct SyntheticName {
    /// In the form of PN (PS3.5 §6.2.1).
    let text: String
    /// Nil where the device writes none.
    let characterSet: String?
}

/// Makes names.
enum PersonNames {
    static func patient(_ dice: inout Dice, isFemale: Bool) -> SyntheticName {
        switch dice.number(0...999) {
        case 0..<820:
            let given = dice.pickUnevenly(isFemale ? femaleNames : maleNames)
            let middle = dice.happens(percent: 20) ? "^" + dice.pickUnevenly(isFemale ? femaleNames : maleNames) : ""
            return SyntheticName(
                text: "\(family(&dice))^\(given)\(middle)", characterSet: dice.happens(percent: 70) ? "ISO_IR 100" : nil
            )
        case 820..<930:
            return SyntheticName(
                text: "\(dice.pickUnevenly(latinFamilies))^\(dice.pickUnevenly(latinGiven))", characterSet: "ISO_IR 100"
            )
        case 930..<960:
            return SyntheticName(
                text: "\(dice.pickUnevenly(cyrillicFamilies))^\(dice.pick(cyrillicGiven))", characterSet: "ISO_IR 144")
        case 960..<975:
            return SyntheticName(
                text: "\(dice.pickUnevenly(greekFamilies))^\(dice.pick(greekGiven))", characterSet: "ISO_IR 192")
        case 975..<990:
            let family = dice.pickUnevenly(japaneseFamilies)
            let given = dice.pick(japaneseGiven)
            return SyntheticName(
                text: "\(family.0)^\(given.0)=\(family.1)^\(given.1)=\(family.2)^\(given.2)",
                characterSet: "\\ISO 2022 IR 87")
        default:
            let family = dice.pickUnevenly(chineseFamilies)
            let given = dice.pick(chineseGiven)
            return SyntheticName(text: "\(family.0)^\(given.0)=\(family.1)^\(given.1)", characterSet: "GB18030")
        }
    }

    /// Someone on the staff, in plain ASCII.
    static func physician(_ number: Int) -> String {
        var dice = Dice(0x7079, number)
        return "\(family(&dice))^\(dice.pick(dice.happens(percent: 50) ? femaleNames : maleNames))^^Dr."
    }

    private static func family(_ dice: inout Dice) -> String {
        if dice.happens(percent: 55) { return dice.pickUnevenly(families) }
        let composed = dice.pick(beginnings) + dice.pick(endings)
        return dice.happens(percent: 4) ? composed + "-" + dice.pickUnevenly(families) : composed
    }

    private static let families = [
        "Smith", "Johnson", "Williams", "Brown", "Jones", "Miller", "Davis", "Wilson", "Anderson", "Taylor", "Thomas",
        "Moore", "Martin", "Jackson", "Thompson", "White", "Lopez", "Lee", "Harris", "Clark", "Lewis", "Robinson",
        "Walker", "Perez", "Hall", "Young", "Allen", "Sanchez", "Wright", "King", "Scott", "Green", "Baker", "Adams",
        "Nelson", "Hill", "Ramirez", "Campbell", "Mitchell", "Roberts", "Carter", "Phillips", "Evans", "Turner",
        "Torres", "Parker", "Collins", "Edwards", "Stewart", "Flores", "Morris", "Nguyen", "Murphy", "Rivera", "Cook",
        "Rogers", "Morgan", "Peterson", "Cooper", "Reed", "Bailey", "Bell", "Gomez", "Kelly", "Howard", "Ward", "Cox",
        "Diaz", "Richardson", "Wood", "Watson", "Brooks", "Bennett", "Gray", "James", "Reyes", "Cruz", "Hughes",
        "Price", "Myers", "Long", "Foster", "Sanders", "Ross", "Morales", "Powell", "Sullivan", "Russell", "Ortiz",
        "Jenkins", "Gutierrez", "Perry", "Butler", "Barnes", "Fisher", "Henderson", "Coleman", "Simmons", "Patterson",
        "Jordan", "Reynolds", "Hamilton", "Graham", "Kim", "Gonzales", "Alexander", "Ramos", "Wallace", "Griffin",
        "West", "Cole", "Hayes", "Chavez", "Gibson", "Bryant", "Ellis", "Stevens", "Murray", "Ford", "Marshall",
        "Owens",
        "McDonald", "Harrison", "Ruiz", "Kennedy", "Wells", "Alvarez", "Woods", "Mendoza", "Castillo", "Olson", "Webb",
        "Washington", "Tucker", "Freeman", "Burns", "Henry", "Vasquez", "Snyder", "Simpson", "Crawford", "Jimenez",
        "Porter", "Mason", "Shaw", "Gordon", "Wagner", "Hunter", "Romero", "Hicks", "Dixon", "Hunt", "Palmer",
        "Robertson",
        "Black", "Holmes", "Stone", "Meyer", "Boyd", "Mills", "Warren", "Fox", "Rose", "Rice", "Moreno", "Schmidt",
        "Patel",
        "Ferguson", "Nichols", "Herrera", "Medina", "Ryan", "Fernandez", "Weaver", "Daniels", "Stephens", "Gardner",
        "Payne", "Kelley", "Dunn", "Pierce", "Arnold", "Tran", "Spencer", "Peters", "Hawkins", "Grant", "Hansen",
        "Castro",
        "Hoffman", "Hart", "Elliott", "Cunningham", "Knight", "Bradley", "Smit", "Smirnoff", "Quarles", "Zimmerman",
    ]
    private static let beginnings = [
        "Ash", "Bern", "Black", "Bran", "Bright", "Carl", "Chester", "Clay", "Dal", "Dan", "East", "Ed", "Els", "Fair",
        "Far", "Gar", "Gold", "Green", "Gun", "Hal", "Har", "Hazel", "Her", "Hol", "Huds", "Ing", "Kel", "Kings", "Lam",
        "Lang", "Lin", "Lock", "Mar", "Mel", "Mond", "Nor", "North", "Oak", "Old", "Os", "Pem", "Pin", "Quin", "Rad",
        "Red", "Rich", "Ros", "Sal", "Silver", "South", "Stan", "Sum", "Thorn", "Ul", "Var", "Wal", "Wes", "Whit",
        "Wins",
        "Wood", "Yar", "Zel",
    ]
    private static let endings = [
        "berg", "bert", "bridge", "brook", "burn", "bury", "by", "combe", "cott", "dale", "den", "eck", "en", "er",
        "ers",
        "feld", "field", "ford", "gard", "gate", "ham", "hart", "hill", "holm", "hurst", "ing", "land", "ler", "ley",
        "lin",
        "low", "man", "mann", "mark", "mer", "more", "ner", "ridge", "ron", "sen", "shaw", "son", "stein", "sted",
        "stone",
        "ston", "ton", "wald", "ward", "way", "well", "wick", "win", "wood", "worth", "yard", "ard", "ett", "is", "ow",
    ]
    private static let femaleNames = [
        "Mary", "Patricia", "Jennifer", "Linda", "Elizabeth", "Barbara", "Susan", "Jessica", "Karen", "Sarah", "Lisa",
        "Nancy", "Sandra", "Betty", "Ashley", "Emily", "Kimberly", "Margaret", "Donna", "Michelle", "Carol", "Amanda",
        "Melissa", "Deborah", "Stephanie", "Rebecca", "Sharon", "Laura", "Cynthia", "Dorothy", "Amy", "Kathleen",
        "Angela",
        "Shirley", "Emma", "Brenda", "Pamela", "Nicole", "Anna", "Samantha", "Katherine", "Christine", "Helen", "Debra",
        "Rachel", "Carolyn", "Janet", "Maria", "Catherine", "Heather", "Diane", "Olivia", "Julie", "Joyce", "Victoria",
        "Ruth", "Virginia", "Lauren", "Kelly", "Christina", "Joan", "Evelyn", "Judith", "Andrea", "Hannah", "Megan",
        "Cheryl", "Jacqueline", "Martha", "Madison", "Teresa", "Gloria", "Sara", "Janice", "Ann", "Kathryn", "Sophia",
        "Frances", "Jean", "Alice", "Judy", "Isabella", "Julia", "Grace", "Amber", "Denise", "Danielle", "Marilyn",
    ]
    private static let maleNames = [
        "James", "Robert", "John", "Michael", "David", "William", "Richard", "Joseph", "Thomas", "Christopher",
        "Charles",
        "Daniel", "Matthew", "Anthony", "Mark", "Donald", "Steven", "Andrew", "Paul", "Joshua", "Kenneth", "Kevin",
        "Brian",
        "George", "Timothy", "Ronald", "Jason", "Edward", "Jeffrey", "Ryan", "Jacob", "Gary", "Nicholas", "Eric",
        "Jonathan",
        "Stephen", "Larry", "Justin", "Scott", "Brandon", "Benjamin", "Samuel", "Gregory", "Alexander", "Patrick",
        "Frank",
        "Raymond", "Jack", "Dennis", "Jerry", "Tyler", "Aaron", "Jose", "Adam", "Nathan", "Henry", "Zachary", "Douglas",
        "Peter", "Kyle", "Noah", "Ethan", "Jeremy", "Walter", "Christian", "Keith", "Roger", "Terry", "Austin", "Sean",
        "Gerald", "Carl", "Harold", "Dylan", "Arthur", "Lawrence", "Jordan", "Jesse", "Bryan", "Billy", "Bruce",
        "Gabriel",
    ]
    private static let latinFamilies = [
        "Müller", "Schäfer", "Köhler", "García", "González", "Rodríguez", "Lefèvre", "Jäger", "Böhm", "Günther",
        "Großmann",
        "Krüger", "Weiß", "Möller", "Schröder", "Sørensen", "Åström", "Björk", "Ñíguez", "Gonçalves", "Muñoz",
        "Désirée",
        "Hélène", "Schönfeld", "Kühn", "Löwe", "Bäcker", "Nuñez", "Ibáñez", "Prévost", "Béranger", "Østergård",
        "Lindström",
    ]
    private static let latinGiven = [
        "Jürgen", "Zoé", "José", "André", "Jörg", "Björn", "Renée", "Käthe", "Sören", "François", "Inés", "Ángel",
        "Anaïs",
        "Anna", "Maria", "Peter", "Karl", "Sophie", "Luis", "Elena", "Michel", "Ida", "Günter", "Raúl",
    ]
    private static let cyrillicFamilies = [
        "Иванов", "Смирнов", "Кузнецов", "Попов", "Васильев", "Петров", "Соколов", "Михайлов", "Новиков", "Фёдоров",
        "Морозов", "Волков", "Алексеев", "Лебедев", "Семёнов", "Егоров", "Павлов", "Козлов", "Степанов", "Николаев",
    ]
    private static let cyrillicGiven = [
        "Александр", "Сергей", "Елена", "Ольга", "Дмитрий", "Наталья", "Андрей", "Анна",
    ]
    private static let greekFamilies = ["Παπαδόπουλος", "Ζαχαρίας", "Νικολάου", "Γεωργίου", "Οικονόμου", "Ιωάννου"]
    private static let greekGiven = ["Ελένη", "Γιώργος", "Μαρία", "Δημήτρης", "Κωνσταντίνος", "Σοφία"]
    private static let japaneseFamilies = [
        ("Yamada", "山田", "やまだ"), ("Satou", "佐藤", "さとう"), ("Suzuki", "鈴木", "すずき"), ("Takahashi", "高橋", "たかはし"),
        ("Tanaka", "田中", "たなか"), ("Itou", "伊藤", "いとう"), ("Watanabe", "渡辺", "わたなべ"), ("Kobayashi", "小林", "こばやし"),
    ]
    private static let japaneseGiven = [
        ("Tarou", "太郎", "たろう"), ("Hanako", "花子", "はなこ"), ("Kenji", "健二", "けんじ"), ("Yuuko", "優子", "ゆうこ"),
    ]
    private static let chineseFamilies = [
        ("Wang", "王"), ("Li", "李"), ("Zhang", "张"), ("Liu", "刘"), ("Chen", "陈"), ("Yang", "杨"), ("Zhao", "赵"),
        ("Huang", "黄"),
    ]
    private static let chineseGiven = [
        ("XiaoDong", "小东"), ("Wei", "伟"), ("Fang", "芳"), ("Jing", "静"), ("MeiLing", "美玲"),
    ]
}
